package io.dmio.mirror;

import static io.dmio.harness.Schedules.check;

import io.dmio.harness.Schedules;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Validate;
import org.junit.jupiter.api.Test;

/** Events that two threads tell, in schedules that a model checker chooses. */
class MailboxScheduleTest {

    /** A mailbox, and what its events did. */
    public static class Told {

        private final Mailbox mailbox = new Mailbox(thrown -> end());
        private final Schedules.Clock clock = new Schedules.Clock();
        private final Event[] events = {new Event(), new Event(), new Event(), new Event(), new Event(), new Event()};
        private boolean running; // plain, as the mailbox is what guards it
        private boolean disorder; // kept, as what an event throws ends the mailbox
        private int ended; // when an event threw

        /** Runs once, alone. */
        private final class Event implements Runnable {
            private int began; // to be told
            private int told;
            private int ran;

            void tell(Runnable what) {
                began = clock.tick();
                mailbox.tell(what);
                told = clock.tick();
            }

            @Override
            public void run() {
                disorder |= running || ran > 0;
                running = true;
                ran = clock.tick();
                running = false;
            }
        }

        private void end() {
            disorder |= ended > 0;
            ended = clock.tick();
        }

        @Operation(runOnce = true)
        public void one() {
            events[0].tell(events[0]);
        }

        @Operation(runOnce = true)
        public void two() {
            events[1].tell(events[1]);
        }

        @Operation(runOnce = true)
        public void oneInAnother() {
            events[2].tell(() -> {
                events[3].tell(events[3]);
                events[2].run();
            });
        }

        @Operation(runOnce = true)
        public void oneThatThrows() {
            events[4].tell(() -> {
                events[4].run();
                throw new Thrown();
            });
        }

        @Operation(runOnce = true)
        public void three() {
            events[5].tell(events[5]);
        }

        @Validate
        public void eachRanOnceAndInTheOrderTheyWereTold() {
            check(!disorder, "two events at once, or one twice, or two ends");
            check(events[4].ran == 0 || events[4].ran < ended, "it threw, and nobody was told");
            for (Event one : events) {
                check(one.began == 0 || one.ran > 0 || ended > 0, "left behind");
                check(ended == 0 || one.ran < ended, "ran after the end");
                for (Event other : events) {
                    boolean before = one.began > 0 && one.told < other.began;
                    check(!before || other.ran == 0 || (one.ran > 0 && one.ran < other.ran), "overtaken");
                }
            }
            check(events[3].ran == 0 || events[2].ran < events[3].ran, "nested");
        }
    }

    /** Logged without a trace, which would be long. */
    private static final class Thrown extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Thrown() {
            super("thrown by an event", null, false, false);
        }
    }

    @Test
    void eachEventRunsOnceAloneAndInTheOrderTheyWereTold() {
        Schedules.explore(
                Told.class, 120, "one | two", "one three | two", "one | oneInAnother", "oneInAnother | oneThatThrows");
    }

    @Test
    void anyScenarioKeepsTheOrder() {
        Schedules.exploreAny(Told.class, 50, 8, 2);
    }
}
