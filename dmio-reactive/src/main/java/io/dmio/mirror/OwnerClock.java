package io.dmio.mirror;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Time as it passes for everybody, so that an owner that was held up knows. The monotonic clock stands still while a machine sleeps,
 * and the time of day does not; so where the time of day has gone further, that counts. It never goes back, and a time of day that is
 * set only makes it go ahead. From any thread.
 */
final class OwnerClock implements LongSupplier {

    private static final long SLACK_NANOS = TimeUnit.MILLISECONDS.toNanos(100); // the two are not read at once

    private final LongSupplier monotonicNanos;
    private final LongSupplier dayMillis;
    private volatile long ahead; // how far the time of day is before the monotonic clock
    private volatile long slept;

    OwnerClock() {
        this(System::nanoTime, System::currentTimeMillis);
    }

    OwnerClock(LongSupplier monotonicNanos, LongSupplier dayMillis) {
        this.monotonicNanos = monotonicNanos;
        this.dayMillis = dayMillis;
        this.ahead = aheadNow(monotonicNanos.getAsLong());
    }

    @Override
    public long getAsLong() {
        long nanos = monotonicNanos.getAsLong();
        long difference = aheadNow(nanos) - ahead;
        if (difference > SLACK_NANOS || difference < -SLACK_NANOS) {
            adjust(nanos);
        }
        return nanos + slept;
    }

    private synchronized void adjust(long nanos) {
        long now = aheadNow(nanos);
        slept += Math.max(now - ahead, 0);
        ahead = now;
    }

    private long aheadNow(long nanos) {
        return TimeUnit.MILLISECONDS.toNanos(dayMillis.getAsLong()) - nanos;
    }
}
