package io.dmio.copy;

/**
 * Bytes per second, as a line of bytes that moves past: who comes gets the place behind the last, and goes when the line has
 * moved up to it. So all go in the order they came, and a changed rate counts at once for those who wait. An idle time saves
 * up nothing. Knows no clock; guarded by its owner.
 */
final class RateLimit {

    static final long UNLIMITED = Long.MAX_VALUE;

    private static final double ROUNDING = 0.5; // of a byte, which nobody waits for

    private long bytesPerSecond = UNLIMITED;
    private double passed; // bytes that have moved past
    private double end; // where the next place starts

    void limit(long rate) {
        bytesPerSecond = rate;
    }

    void elapse(long nanos) {
        passed = bytesPerSecond == UNLIMITED ? Math.max(passed, end) : passed + bytesPerSecond * (nanos / 1e9);
    }

    /** Takes a place. */
    double take(long bytes) {
        double place = Math.max(end, passed);
        end = place + bytes;
        return place;
    }

    /** Nanoseconds until a place is reached; 0 if it is. */
    long nanosUntil(double place) {
        if (bytesPerSecond == UNLIMITED || place - passed < ROUNDING) {
            return 0;
        }
        return (long) Math.ceil((place - passed) / bytesPerSecond * 1e9); // saturates
    }
}
