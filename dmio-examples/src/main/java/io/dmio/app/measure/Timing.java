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

    /** Later rounds find compiled code and only need the queues full again. */
    private static final Duration RAMP_MAX = Duration.ofMillis(100);

    /** Opening, filling buffers, flushing and closing, by experience. */
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
     * What is not counted before a measurement.
     *
     * @param round from 0
     * @return the warm-up in the first round, at most 100 ms later
     */
    public Duration before(int round) {
        return round == 0 || warmup.compareTo(RAMP_MAX) < 0 ? warmup : RAMP_MAX;
    }

    /**
     * How long it all takes, without the making of files.
     *
     * @param variants how many
     * @return about that
     */
    public Duration planned(int variants) {
        Duration all = Duration.ZERO;
        for (int round = 0; round < rounds; round++) {
            all = all.plus(before(round)).plus(time).plus(AROUND);
        }
        return all.multipliedBy(variants);
    }
}
