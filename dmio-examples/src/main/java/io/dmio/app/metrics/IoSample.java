package io.dmio.app.metrics;

import java.util.concurrent.TimeUnit;

/**
 * What a device did in one step of its {@link History}.
 *
 * @param reads with success
 * @param writes with success
 * @param slowestNanos of all operations, of any kind and however they ended; 0 if there were none
 */
public record IoSample(Way reads, Way writes, long slowestNanos) {

    /** Nothing. */
    public static final IoSample NONE = new IoSample(new Way(0, 0, 0), new Way(0, 0, 0), 0);

    /**
     * Operations one way.
     *
     * @param count how many
     * @param bytes that they moved
     * @param nanos that they took together
     */
    public record Way(long count, long bytes, long nanos) {

        /** How much a second, on average. */
        public long bytesPerSecond() {
            return bytes / History.STEP.toSeconds();
        }

        /** How long one took on average; 0 if there were none. */
        public long micros() {
            return count == 0 ? 0 : TimeUnit.NANOSECONDS.toMicros(nanos / count);
        }
    }

    /** How long the slowest took. */
    public long slowestMicros() {
        return TimeUnit.NANOSECONDS.toMicros(slowestNanos);
    }

    boolean isNothing() {
        return equals(NONE);
    }
}
