package io.dmio.concurrent;

import static io.dmio.harness.Schedules.check;

import io.dmio.harness.Schedules;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Validate;
import org.junit.jupiter.api.Test;

/** Ranges that two threads lock and unlock, in schedules that a model checker chooses. */
class RangeLockScheduleTest {

    private static final int SECTORS = 4;

    /** A few sectors under a lock, and who passes them. */
    public static class Sectors {

        private final RangeLock lock = new RangeLock(Runnable::run);
        private final Schedules.Clock clock = new Schedules.Clock();
        private final int[] holders = new int[SECTORS]; // plain, as the lock is what guards them
        private final Pass[] passes = {new Pass(0, 2), new Pass(1, 3), new Pass(2, 4), new Pass(0, 4), new Pass(1, 2)};

        /** Locks some sectors, counts itself as their holder for a moment, and unlocks them. */
        private final class Pass implements Runnable {
            private final int from;
            private final int to;
            private final RangeLock.Range range;
            private int came;
            private int waits; // since when it is in the line
            private int ran;

            Pass(int from, int to) {
                this.from = from;
                this.to = to;
                this.range = new RangeLock.Range(from, to - from, this);
            }

            void begin() {
                came = clock.tick();
                boolean now = lock.enter(range);
                waits = clock.tick();
                if (now) {
                    run();
                }
            }

            @Override
            public void run() {
                check(ran == 0, "a second turn");
                ran = clock.tick();
                for (int sector = from; sector < to; sector++) {
                    check(++holders[sector] == 1, "two hold a sector");
                }
                for (int sector = from; sector < to; sector++) {
                    check(--holders[sector] == 0, "two held a sector");
                }
                lock.unlock(range);
            }

            boolean overlaps(Pass other) {
                return from < other.to && other.from < to;
            }
        }

        @Operation(runOnce = true)
        public void passLow() {
            passes[0].begin();
        }

        @Operation(runOnce = true)
        public void passMiddle() {
            passes[1].begin();
        }

        @Operation(runOnce = true)
        public void passHigh() {
            passes[2].begin();
        }

        @Operation(runOnce = true)
        public void passAll() {
            passes[3].begin();
        }

        @Operation(runOnce = true)
        public void passOne() {
            passes[4].begin();
        }

        @Validate
        public void everybodyHadATurnAndNobodyOvertook() {
            for (Pass one : passes) {
                check(one.came == 0 || one.ran > 0, "no turn");
                for (Pass other : passes) {
                    boolean inFront = one.came > 0 && one.waits < other.came && one.overlaps(other);
                    check(!inFront || one.ran < other.ran, "overtaken");
                }
            }
            check(lock.enter(new RangeLock.Range(0, SECTORS, () -> {})), "something is locked still");
        }
    }

    @Test
    void noTwoHoldASectorAndNobodyIsForgotten() {
        Schedules.explore(
                Sectors.class,
                120,
                "passLow | passMiddle",
                "passLow passHigh | passAll",
                "passLow passOne | passMiddle");
    }

    @Test
    void inAnyScenarioTheyPassInTheOrderTheyCame() {
        Schedules.exploreAny(Sectors.class, 50, 8, 2);
    }
}
