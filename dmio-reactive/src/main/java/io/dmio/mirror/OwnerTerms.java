package io.dmio.mirror;

import java.util.concurrent.TimeUnit;

/**
 * What an owner promises about time. It is written on the legs with each of its marks, so that both sides mean the same.
 *
 * @param intervalNanos how often a beat, which is a new mark on all legs, comes at least
 * @param patience how many intervals one who wants the legs waits to see whether the mark moves
 * @param settleNanos how long a mark written where nobody was must stand; the same for all owners, and not on the legs
 */
record OwnerTerms(long intervalNanos, int patience, long settleNanos) {

    /** How long a first mark must stand before its owner does anything. Part of the format: all have to keep to it. */
    static final long SETTLE_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

    static final OwnerTerms DEFAULTS = of(TimeUnit.SECONDS.toNanos(1), 10);

    /** The longest interval that a mark may say; a mark with a longer one was not written by dmio. */
    private static final long INTERVAL_NANOS_MAX = TimeUnit.HOURS.toNanos(1);

    static final int PATIENCE_MIN = 2;
    static final int PATIENCE_MAX = 1_000;

    static OwnerTerms of(long intervalNanos, int patience) {
        return new OwnerTerms(intervalNanos, patience, SETTLE_NANOS);
    }

    static boolean canBe(long intervalNanos, int patience) {
        return intervalNanos > 0
                && intervalNanos <= INTERVAL_NANOS_MAX
                && patience >= PATIENCE_MIN
                && patience <= PATIENCE_MAX;
    }

    /** How long an owner may act, counted from the beginning of the look before a mark: an interval less than others wait. */
    long leaseNanos() {
        return (patience - 1) * intervalNanos;
    }

    /** How long an owner waits from beat to beat: an interval, but no longer than half of the time that a mark lets it act. */
    long beatNanos() {
        return Math.min(intervalNanos, leaseNanos() / 2);
    }

    /** How long a beat may take from the read to the durable mark if it is to count for anything. */
    long beatNanosMax() {
        return leaseNanos() - beatNanos();
    }

    /** Whether an owner whose beats take so long ends each beat before the one before it stops letting it act. */
    boolean allows(long tookNanos) {
        return 2 * tookNanos + beatNanos() < leaseNanos();
    }

    /** How long others wait to see whether a mark moves. */
    long watchNanos() {
        return patience * intervalNanos;
    }

    /** How long it may take from a read until the mark after it is durable, if that is to count as written where nobody was. */
    long quickNanos() {
        return settleNanos / 2;
    }
}
