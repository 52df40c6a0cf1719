package io.dmio.app.measure;

/**
 * What the requests do.
 *
 * @param readPercent how many of 100 requests read; the others write
 */
public record Workload(int readPercent) {

    /** Writes only. */
    public static final Workload WRITE = new Workload(0);

    /** Reads only. */
    public static final Workload READ = new Workload(100);

    /** Checks the share. */
    public Workload {
        if (readPercent < 0 || readPercent > 100) {
            throw new IllegalArgumentException(readPercent + " % reads: 0 to 100 are possible");
        }
    }

    /**
     * Returns whether anything is overwritten.
     *
     * @return false for reads only
     */
    public boolean writes() {
        return readPercent < 100;
    }

    /**
     * Returns whether anything is read.
     *
     * @return false for writes only
     */
    public boolean reads() {
        return readPercent > 0;
    }

    /** Returns {@code write}, {@code read}, or {@code 70/30}: reads before writes. */
    @Override
    public String toString() {
        return switch (readPercent) {
            case 0 -> "write";
            case 100 -> "read";
            default -> readPercent + "/" + (100 - readPercent);
        };
    }
}
