package io.dmio.app.metrics;

import java.util.concurrent.TimeUnit;

/**
 * What a device did in one step of its {@link History}.
 *
 * @param reads the successful reads
 * @param writes the successful writes
 * @param slowestNanos the time of the slowest operation, of any kind and however it ended; 0 if there were none
 */
public record IoSample(Way reads, Way writes, long slowestNanos) {

    /** A sample of a device that did nothing. */
    public static final IoSample NONE = new IoSample(new Way(0, 0, 0), new Way(0, 0, 0), 0);

    /**
     * Operations in one direction.
     *
     * @param count how many
     * @param bytes the bytes that they moved
     * @param nanos the time that they took together
     */
    public record Way(long count, long bytes, long nanos) {

        /** Returns the bytes per second, on average. */
        public long bytesPerSecond() {
            return bytes / History.STEP.toSeconds();
        }

        /** Returns how long one took on average; 0 if there were none. */
        public long micros() {
            return count == 0 ? 0 : TimeUnit.NANOSECONDS.toMicros(nanos / count);
        }
    }

    /** Returns how long the slowest took. */
    public long slowestMicros() {
        return TimeUnit.NANOSECONDS.toMicros(slowestNanos);
    }

    boolean isNothing() {
        return equals(NONE);
    }
}
