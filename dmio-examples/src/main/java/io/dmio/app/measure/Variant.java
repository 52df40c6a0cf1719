package io.dmio.app.measure;

import io.dmio.Sectors;
import java.util.Locale;

/**
 * One point of the matrix: everything that distinguishes one measurement from another.
 *
 * @param engine {@code posix}, {@code uring} or {@code jdk}
 * @param legs how many devices a write goes to; reads take turns on them
 * @param work what the requests do
 * @param access where they go
 * @param blockBytes the length of each request
 * @param depth how many requests are in flight
 */
public record Variant(String engine, int legs, Workload work, Access access, int blockBytes, int depth) {

    /** The longest request: one span of the client, so that each leg gets one operation. */
    public static final int BLOCK_BYTES_MAX = 1 << 20;

    /** The most requests in flight. */
    public static final int DEPTH_MAX = 1024;

    /** Checks the numbers. */
    public Variant {
        if (blockBytes < Sectors.BYTES || blockBytes > BLOCK_BYTES_MAX || blockBytes % Sectors.BYTES != 0) {
            throw new IllegalArgumentException(
                    "a block of " + blockBytes + " bytes: multiples of 512 up to 1 MiB are possible");
        }
        if (depth < 1 || depth > DEPTH_MAX) {
            throw new IllegalArgumentException("depth " + depth + ": 1 to " + DEPTH_MAX + " are possible");
        }
        if (legs < 1) {
            throw new IllegalArgumentException(legs + " legs: at least 1 is needed");
        }
    }

    /**
     * The scope of a comparison: the same kind of requests to as many legs; only these compare fairly.
     *
     * @param work what the requests do
     * @param access where they go
     * @param legs how many
     */
    public record Scope(Workload work, Access access, int legs) {}

    /**
     * Returns the scope of what it can be compared with.
     *
     * @return the scope
     */
    public Scope scope() {
        return new Scope(work, access, legs);
    }

    /**
     * Returns this variant at another depth.
     *
     * @param other how many in flight
     * @return a new variant
     */
    public Variant withDepth(int other) {
        return new Variant(engine, legs, work, access, blockBytes, other);
    }

    /**
     * Returns this variant on another number of legs.
     *
     * @param other how many
     * @return a new variant
     */
    public Variant withLegs(int other) {
        return new Variant(engine, other, work, access, blockBytes, depth);
    }

    /**
     * Returns the memory that its buffers take: two to write from and one to read into, for each request in flight.
     *
     * @return bytes
     */
    public long bufferBytes() {
        return (long) depth * blockBytes * ((work.writes() ? 2 : 0) + (work.reads() ? 1 : 0));
    }

    /**
     * Returns the block's size for people.
     *
     * @return {@code 512 B}, {@code 4 KiB}, {@code 1 MiB}
     */
    public String block() {
        return block(blockBytes);
    }

    /**
     * Returns a block's size for people.
     *
     * @param bytes how long
     * @return {@code 512 B}, {@code 4 KiB}, {@code 1.5 KiB}, {@code 1 MiB}
     */
    public static String block(int bytes) {
        if (bytes < 1024) {
            return bytes + " B";
        }
        boolean mebi = bytes >= 1 << 20;
        String number = String.format(Locale.ROOT, "%.1f", bytes / (mebi ? 1048576.0 : 1024.0));
        return (number.endsWith(".0") ? number.substring(0, number.length() - 2) : number) + (mebi ? " MiB" : " KiB");
    }
}
