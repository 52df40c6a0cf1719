package io.dmio.copy;

/**
 * A limit in bytes per second, as a line of bytes that moves past: a piece of work gets the place after the last, and begins when the line
 * has moved up to that place. So all begin in the order they came, and a changed rate counts at once for those that wait. Idle time saves up
 * nothing. Knows no clock; guarded by its owner.
 */
final class RateLimit {

    static final long UNLIMITED = Long.MAX_VALUE;

    private static final double ROUNDING = 0.5; // of a byte, which nobody waits for

    // Places are numbers that may wrap: only the distance between
    // them counts, and the line is never longer than a long.
    private long bytesPerSecond = UNLIMITED;
    private long passed; // bytes that have moved past
    private double passedPart; // of the next byte
    private long end; // where the next place starts

    void limit(long rate) {
        bytesPerSecond = rate;
    }

    void elapse(long nanos) {
        double more = passedPart + bytesPerSecond * (nanos / 1e9);
        if (bytesPerSecond == UNLIMITED || more >= end - passed) {
            passed = end;
            passedPart = 0;
        } else {
            passed += (long) more;
            passedPart = more - (long) more;
        }
    }

    /** Takes a place. */
    long take(long bytes) {
        long place = end;
        end += Math.min(bytes, Long.MAX_VALUE - (end - passed));
        return place;
    }

    /** Returns the nanoseconds until a place is reached; 0 if it is. */
    long nanosUntil(long place) {
        double left = place - passed - passedPart;
        if (bytesPerSecond == UNLIMITED || left < ROUNDING) {
            return 0;
        }
        return (long) Math.ceil(left / bytesPerSecond * 1e9); // saturates
    }
}
