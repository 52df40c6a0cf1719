package io.dmio.mirror;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * A clock for time as it passes for everybody, so that an owner that was held up knows. The monotonic clock stands
 * still while a machine sleeps, and the time of day does not; so the time of day counts where it has gone further. This
 * clock never goes back, and setting the time of day can only make it go ahead. From any thread.
 */
final class OwnerClock implements LongSupplier {

    private static final long SLACK_NANOS = TimeUnit.MILLISECONDS.toNanos(100); // the clocks are not read at once

    private final LongSupplier monotonicNanos;
    private final LongSupplier dayMillis;
    private volatile long ahead; // how far the time of day is ahead of the monotonic clock
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
