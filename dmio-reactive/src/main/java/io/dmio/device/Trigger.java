package io.dmio.device;

import java.time.Duration;
import java.util.SplittableRandom;

/**
 * When a fault strikes: a pure function of how many operations matched so far and of the time since the plan started, so
 * that a run can be replayed. {@code toString} is the call that made it.
 */
sealed interface Trigger {

    /**
     * Decides.
     *
     * @param ordinal 1 for the first operation the fault's filter lets through
     * @param nanos since the plan was put in
     */
    boolean strikes(long ordinal, long nanos);

    /** Random numbers of the {@code ordinal}-th draw: the {@code SplittableRandom} sequence of the seed, entered anywhere. */
    static SplittableRandom draw(long seed, long ordinal) {
        return new SplittableRandom(seed + ordinal * 0x9E37_79B9_7F4A_7C15L);
    }

    /** Ordinals {@code [first, last]}. */
    record Ordinals(long first, long last) implements Trigger {
        public Ordinals {
            if (first < 1 || last < first) {
                throw new IllegalArgumentException("ops are counted from 1: " + first + " to " + last + " is none");
            }
        }

        @Override
        public boolean strikes(long ordinal, long nanos) {
            return ordinal >= first && ordinal <= last;
        }

        @Override
        public String toString() {
            if (first == last) {
                return ".nth(" + first + ")";
            }
            return last == Long.MAX_VALUE ? ".after(" + (first - 1) + ")" : ".first(" + last + ")";
        }
    }

    /** Each with the same probability. */
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
            return ".chance(" + probability + ", " + seed + "L)";
        }
    }

    /** Spares {@code up} operations, strikes {@code down}, and so on. */
    record UpDownOps(long up, long down) implements Trigger {
        public UpDownOps {
            if (up < 0 || down < 0 || up + down <= 0) {
                throw new IllegalArgumentException(up + " ops up and " + down + " down: both at least 0, not both 0");
            }
        }

        @Override
        public boolean strikes(long ordinal, long nanos) {
            return (ordinal - 1) % (up + down) >= up;
        }

        @Override
        public String toString() {
            return ".upDown(" + up + ", " + down + ")";
        }
    }

    /** Spares for a time, strikes for a time, and so on, as dm-flakey: {@code elapsed % (up + down) >= up}. */
    record UpDownTime(Duration up, Duration down) implements Trigger {
        public UpDownTime {
            if (up.isNegative() || down.isNegative() || up.plus(down).isZero()) {
                throw new IllegalArgumentException(up + " up and " + down + " down: both at least 0, not both 0");
            }
        }

        @Override
        public boolean strikes(long ordinal, long nanos) {
            return Math.floorMod(nanos, up.plus(down).toNanos()) >= up.toNanos();
        }

        @Override
        public String toString() {
            return ".upDown(Duration.parse(\"" + up + "\"), Duration.parse(\"" + down + "\"))";
        }
    }
}
