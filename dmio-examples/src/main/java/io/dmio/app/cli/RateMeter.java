package io.dmio.app.cli;

/** Measures bytes per second, smoothed: what was a second ago counts a third. Is given the time, and reads no clock. Not thread-safe. */
final class RateMeter {

    private static final double SECOND_NANOS = 1e9;

    private boolean started;
    private long lastNanos;
    private long lastBytes;
    private double rate;

    /**
     * Takes a measurement.
     *
     * @param nanos the time of a clock that does not go back
     * @param bytes done so far, counted from the start
     */
    void at(long nanos, long bytes) {
        double seconds = (nanos - lastNanos) / SECOND_NANOS;
        if (!started) {
            started = true;
        } else if (seconds <= 0) {
            return;
        } else {
            double now = (bytes - lastBytes) / seconds;
            double old = rate == 0 ? 0 : Math.exp(-seconds); // the first measurement counts alone
            rate = old * rate + (1 - old) * now;
        }
        lastNanos = nanos;
        lastBytes = bytes;
    }

    /** Returns the current rate; 0 while unknown. */
    double bytesPerSecond() {
        return rate;
    }
}
