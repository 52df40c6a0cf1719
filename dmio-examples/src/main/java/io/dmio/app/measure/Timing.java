package io.dmio.app.measure;

import java.time.Duration;

/**
 * How long to measure.
 *
 * @param warmup before a variant's first measurement; not counted
 * @param time each measurement
 * @param rounds measurements of each variant
 */
public record Timing(Duration warmup, Duration time, int rounds) {

    /** The longest warm-up in later rounds, which find compiled code and need only full queues. */
    private static final Duration RAMP_MAX = Duration.ofMillis(100);

    /** The time for opening, filling buffers, flushing and closing, by experience. */
    private static final Duration AROUND = Duration.ofMillis(80);

    /** Checks the numbers. */
    public Timing {
        if (warmup.isNegative() || time.isNegative() || time.isZero()) {
            throw new IllegalArgumentException("a measurement takes some time, such as 1s");
        }
        if (rounds < 1) {
            throw new IllegalArgumentException(rounds + " rounds: at least 1 is needed");
        }
    }

    /**
     * Returns the time before a measurement that is not counted.
     *
     * @param round from 0
     * @return the warm-up in the first round, at most 100 ms later
     */
    public Duration before(int round) {
        return round == 0 || warmup.compareTo(RAMP_MAX) < 0 ? warmup : RAMP_MAX;
    }

    /**
     * Returns how long everything takes, except for creating files.
     *
     * @param variants how many
     * @return roughly that time
     */
    public Duration planned(int variants) {
        Duration all = Duration.ZERO;
        for (int round = 0; round < rounds; round++) {
            all = all.plus(before(round)).plus(time).plus(AROUND);
        }
        return all.multipliedBy(variants);
    }
}
