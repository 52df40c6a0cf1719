package io.dmio.mirror;

import java.util.concurrent.TimeUnit;

/**
 * What an owner promises, in time: it is written on the legs with each of its marks, so that both sides mean the same.
 *
 * @param intervalNanos a beat, which is a new mark on all legs, comes so often at least
 * @param patience who wants the legs waits for so many intervals whether the mark moves
 * @param settleNanos how long a mark that was written where nobody was must stand; the same for all, and not on the legs
 */
record OwnerTerms(long intervalNanos, int patience, long settleNanos) {

    /** How long a first mark must stand before its owner does anything. Part of the format: all have to keep to it. */
    static final long SETTLE_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

    static final OwnerTerms DEFAULTS = of(TimeUnit.SECONDS.toNanos(1), 10);

    /** What a mark may say: others were not written by dmio. */
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

    /** How long an owner may act after it began to look before it wrote a mark: an interval less than others wait. */
    long leaseNanos() {
        return (patience - 1) * intervalNanos;
    }

    /** How long an owner waits from beat to beat: an interval, but no longer than half of the time that a mark lets it act. */
    long beatNanos() {
        return Math.min(intervalNanos, leaseNanos() / 2);
    }

    /** How long a beat may take from the read to the durable mark, to count for anything. */
    long beatNanosMax() {
        return leaseNanos() - beatNanos();
    }

    /** Whether an owner whose beats take so long is through with each before the one before it lets it act no more. */
    boolean allows(long tookNanos) {
        return 2 * tookNanos + beatNanos() < leaseNanos();
    }

    /** How long others wait whether a mark moves. */
    long watchNanos() {
        return patience * intervalNanos;
    }

    /** How long a mark may take from the read before it until it is durable, to count as written where nobody was. */
    long quickNanos() {
        return settleNanos / 2;
    }
}
