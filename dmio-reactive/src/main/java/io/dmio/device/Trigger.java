package io.dmio.device;

import java.time.Duration;
import java.util.SplittableRandom;

/**
 * Decides when a fault strikes: a pure function of how many operations matched so far and of the time since the plan started, so that a run
 * can be replayed. {@code toString} is the call that made it.
 */
sealed interface Trigger {

    /**
     * Decides whether the fault strikes.
     *
     * @param ordinal 1 for the first operation the fault's filter lets through
     * @param nanos the time since the plan was installed
     */
    boolean strikes(long ordinal, long nanos);

    /** Returns the random numbers of the {@code ordinal}-th draw: the {@code SplittableRandom} sequence of the seed, entered anywhere. */
    static SplittableRandom draw(long seed, long ordinal) {
        return new SplittableRandom(seed + ordinal * 0x9E37_79B9_7F4A_7C15L);
    }

    /** Strikes all after the first {@code spared}, up to the {@code last}. */
    record Ordinals(long spared, long last) implements Trigger {

        static Ordinals nth(long n) {
            return new Ordinals(atLeast(1, n) - 1, n);
        }

        static Ordinals first(long n) {
            return new Ordinals(0, atLeast(1, n));
        }

        static Ordinals after(long n) {
            return new Ordinals(atLeast(0, n), Long.MAX_VALUE);
        }

        private static long atLeast(int min, long n) {
            if (n < min) {
                throw new IllegalArgumentException(n + " is not at least " + min + ": ops are counted from 1");
            }
            return n;
        }

        @Override
        public boolean strikes(long ordinal, long nanos) {
            return ordinal > spared && ordinal <= last;
        }

        @Override
        public String toString() {
            if (last == Long.MAX_VALUE) {
                return ".after(" + Code.of(spared) + ")";
            }
            return (spared == last - 1 ? ".nth(" : ".first(") + Code.of(last) + ")";
        }
    }

    /** Strikes each with the same probability. */
    record Chance(double probability, long seed) implements Trigger {
        public Chance {
            if (!(probability >= 0 && probability <= 1)) {
                throw new IllegalArgumentException("probability " + probability + " is not between 0 and 1");
            }
        }

        @Override
        public boolean strikes(long ordinal, long nanos) {
            return draw(seed, ordinal).nextDouble() < probability;
        }

        @Override
        public String toString() {
            return ".chance(" + probability + ", " + Code.seed(seed) + ")";
        }
    }

    /** Spares {@code up} operations, strikes {@code down}, and so on. */
    record UpDownOps(long up, long down) implements Trigger {
        public UpDownOps {
            if (up < 0 || down < 0 || (up == 0 && down == 0)) {
                throw new IllegalArgumentException(up + " ops up and " + down + " down: both at least 0, not both 0");
            }
        }

        @Override
        public boolean strikes(long ordinal, long nanos) {
            return isDown(ordinal - 1, up, down);
        }

        @Override
        public String toString() {
            return ".upDown(" + Code.of(up) + ", " + Code.of(down) + ")";
        }
    }

    /** Spares for a time, strikes for a time, and so on, as dm-flakey: {@code elapsed % (up + down) >= up}. */
    record UpDownTime(Duration up, Duration down) implements Trigger {

        private static final Duration COUNTED_MAX = Duration.ofNanos(Long.MAX_VALUE);

        public UpDownTime {
            if (up.isNegative() || down.isNegative() || (up.isZero() && down.isZero())) {
                throw new IllegalArgumentException(up + " up and " + down + " down: both at least 0, not both 0");
            }
        }

        @Override
        public boolean strikes(long ordinal, long nanos) {
            return isDown(nanos, counted(up), counted(down));
        }

        private static long counted(Duration time) {
            return time.compareTo(COUNTED_MAX) < 0 ? time.toNanos() : Long.MAX_VALUE;
        }

        @Override
        public String toString() {
            return ".upDown(" + Code.of(up) + ", " + Code.of(down) + ")";
        }
    }

    private static boolean isDown(long elapsed, long up, long down) {
        boolean endless = up > Long.MAX_VALUE - down; // no count reaches the end of the first period
        return (endless ? elapsed : elapsed % (up + down)) >= up;
    }
}
