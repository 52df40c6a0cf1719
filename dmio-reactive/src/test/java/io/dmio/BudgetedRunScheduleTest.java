package io.dmio;

import static io.dmio.harness.Schedules.check;

import io.dmio.harness.Asker;
import io.dmio.harness.HandAnswer;
import io.dmio.harness.Schedules;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Validate;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;

/** Work that holds pages: its start, its end, a cancel, puts and a close, in schedules that a model checker chooses. */
class BudgetedRunScheduleTest {

    private static final int RUNS = 30;
    private static final int PAGES = 2;

    /** A budget of two pages, work for one of them, and work for both. */
    public static class Runs {

        private final PageBudget budget = new PageBudget(PAGES, 10);
        private boolean wrong; // kept, as what a subscriber throws is not heard

        private final Work one = new Work(1);
        private final Work both = new Work(PAGES);
        private final Asker<Integer> broken = new Asker<>();
        private final Put putAll = new Put();
        private final Put closing = new Put();

        private void noteIf(boolean bad) {
            if (bad) { // and else leaves what another thread noted
                wrong = true;
            }
        }

        /** Ends when it is told to. */
        private final class Work {
            private final int pages;
            private final HandAnswer<Integer> answer = new HandAnswer<>(() -> {});
            private final Asker<Integer> asker = new Asker<>(this::look);

            Work(int pages) {
                this.pages = pages;
            }

            void ask() {
                budget.use(pages, () -> answer).subscribe(asker);
            }

            // Of the two, only the other one can hold pages when this one is told.
            private void look() {
                int inUse = budget.inUse();
                noteIf(inUse == pages || inUse > PAGES);
            }

            boolean isAtWork() {
                return answer.asked() > 0 && !answer.isGiven();
            }
        }

        /** Waits for what was accepted before it. */
        private final class Put {
            private boolean waitsForOne;
            private boolean waitsForBoth;
            private final Asker<Void> asker = new Asker<>(this::look);

            void ask(Mono<Void> put) {
                waitsForOne = one.isAtWork();
                waitsForBoth = both.isAtWork();
                put.subscribe(asker);
            }

            private void look() {
                noteIf((waitsForOne && one.isAtWork()) || (waitsForBoth && both.isAtWork()));
            }
        }

        @Operation(runOnce = true)
        public void ask() {
            one.ask();
        }

        @Operation(runOnce = true)
        public void askForBoth() {
            both.ask();
        }

        @Operation(runOnce = true)
        public void askWhatThrows() {
            budget.<Integer>use(PAGES, () -> {
                        throw new IllegalStateException("broken");
                    })
                    .subscribe(broken);
        }

        @Operation
        public void answer() {
            one.answer.complete();
        }

        @Operation(runOnce = true)
        public void fail() {
            both.answer.fail(new IllegalStateException("failed"));
        }

        @Operation(runOnce = true)
        public void leave() {
            one.asker.leave();
        }

        @Operation(runOnce = true)
        public void leaveBoth() {
            both.asker.leave();
        }

        @Operation(runOnce = true)
        public void put() {
            putAll.ask(budget.shrink(PAGES));
        }

        @Operation(runOnce = true)
        public void close() {
            closing.ask(budget.close());
        }

        @Validate
        public void eachIsToldOnceAndAllPagesAreBack() {
            one.answer.complete();
            both.answer.complete();
            one.answer.complete(); // what the other had to wait for
            check(!wrong, "told before the pages were back, or a put before what it waits for");
            check(one.answer.asked() <= 1 && both.answer.asked() <= 1, "begun twice");
            check(one.asker.wasToldOnce() && both.asker.wasToldOnce(), "told twice, or never");
            check(broken.wasToldOnce(), "a failure was told twice, or never");
            check(putAll.asker.wasToldOnce() && closing.asker.wasToldOnce(), "a put ended twice, or never");
            check(budget.inUse() == 0 && budget.waiting() == 0, "pages lost, or somebody forgotten");
        }
    }

    @Test
    void workIsToldOnceAfterItsPagesAreBack() {
        Schedules.explore(
                Runs.class,
                RUNS,
                "ask | answer",
                "ask; askForBoth | answer fail",
                "ask; answer | answer",
                "askWhatThrows ask | answer askForBoth");
    }

    @Test
    void aCancelThatMeetsAGrantOrTheEndLosesNoPage() {
        Schedules.explore(
                Runs.class,
                RUNS,
                "ask | leave answer",
                "ask; askForBoth leaveBoth | answer",
                "ask askForBoth; leaveBoth | answer fail",
                "askForBoth; ask | leaveBoth fail");
    }

    @Test
    void putsAndClosesWaitForWhatWasAcceptedBefore() {
        Schedules.explore(
                Runs.class, RUNS, "ask; put | answer", "ask | put answer", "ask; close askForBoth | leave answer");
    }

    @Test
    void anyScenarioEndsWell() {
        Schedules.exploreAny(Runs.class, RUNS / 3, 10, 3);
    }
}
