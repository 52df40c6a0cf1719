package io.dmio.budget;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.testkit.Seed;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Validate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/** A grant that meets a cancel, a release or a close: no page is lost and none is handed out twice. */
@ExtendWith(Seed.class)
class PageBudgetRaceTest {

    /**
     * Lincheck's view: claims on a budget of two pages are granted, withdrawn and ended by two threads in every order, while
     * the pages are put and got again. The operations tell nothing, so all that is checked is what must hold at the end of each
     * schedule.
     */
    public static class BudgetModel {

        private final PageAccount budget = new PageAccount(2, 100);
        private final Claim one = new Claim(1);
        private final Claim two = new Claim(2);
        private final AtomicInteger got = new AtomicInteger(2);
        private final AtomicInteger puts = new AtomicInteger();
        private final AtomicInteger putsOver = new AtomicInteger();
        private final AtomicBoolean overTooSoon = new AtomicBoolean();

        /** Counts its grants, and gives its pages back once. */
        private final class Claim extends BudgetClaim {
            private final AtomicInteger grants = new AtomicInteger();
            private final AtomicBoolean ended = new AtomicBoolean();

            Claim(int pages) {
                super(pages, Ticket.NEW);
            }

            @Override
            void granted() {
                grants.incrementAndGet();
            }

            @Override
            void refused(RuntimeException why) {
                ended.set(true); // put or closed before it came
            }

            void end() {
                if (grants.get() == 1 && ended.compareAndSet(false, true)) {
                    budget.release(this);
                }
            }

            int held() {
                return isHeld() ? pages : 0;
            }

            boolean isHeld() {
                return grants.get() == 1 && !ended.get();
            }
        }

        @Operation(runOnce = true)
        public void claimOne() {
            budget.claim(one);
        }

        @Operation(runOnce = true)
        public void claimTwo() {
            budget.claim(two);
        }

        @Operation(runOnce = true)
        public void withdrawTwo() {
            budget.withdraw(two);
        }

        @Operation
        public void endOne() {
            one.end();
        }

        @Operation
        public void endTwo() {
            two.end();
        }

        @Operation(runOnce = true)
        public void putBoth() {
            waitsFor(budget.shrink(2), one.isHeld(), two.isHeld());
        }

        @Operation(runOnce = true)
        public void getTwo() {
            if (puts.get() > 0) { // so that a put always takes the last page
                try {
                    budget.grow(2);
                    got.addAndGet(2);
                } catch (IllegalStateException closed) {
                    // nothing was got
                }
            }
        }

        @Operation(runOnce = true)
        public void close() {
            waitsFor(budget.close(), one.isHeld(), two.isHeld());
        }

        // Whoever held pages before the put began must have ended when it does; who came later need not have.
        private void waitsFor(Mono<Void> put, boolean oneHeld, boolean twoHeld) {
            put.subscribe(none -> {}, thrown -> overTooSoon.set(true), () -> {
                putsOver.incrementAndGet();
                if ((oneHeld && one.isHeld()) || (twoHeld && two.isHeld())) {
                    overTooSoon.set(true);
                }
            });
            puts.incrementAndGet();
        }

        @Validate
        public void pagesAddUpAndNobodyWaitsForFreeOnes() {
            check(one.grants.get() <= 1 && two.grants.get() <= 1, "granted twice");
            check(budget.inUse() == one.held() + two.held(), "pages lost or made up");
            check(budget.inUse() <= got.get(), "overdrawn");
            check(budget.waiting() == 0 || budget.inUse() > 0, "waits although everything is free");
            check(!overTooSoon.get(), "a put ended before what was accepted before it");
            check(putsOver.get() == puts.get() || budget.inUse() > 0, "a put waits for nothing");
        }

        private static void check(boolean holds, String otherwise) {
            if (!holds) {
                throw new IllegalStateException(otherwise);
            }
        }
    }

    @Test
    void inEveryScheduleOfGrantsAndWithdrawalsThePagesAddUp() {
        new ModelCheckingOptions()
                .iterations(15)
                .invocationsPerIteration(150)
                .threads(2)
                .actorsPerThread(3)
                .check(BudgetModel.class);
    }

    @Test
    void cancelsThatMeetGrantsLoseNoPage(SplittableRandom random) throws Exception {
        PageAccount budget = new PageAccount(3, 1000);
        int rounds = 20_000;
        CyclicBarrier together = new CyclicBarrier(2);
        ExecutorService threads = Executors.newFixedThreadPool(2);
        CountDownLatch done = new CountDownLatch(2);
        Disposable[] claimed = new Disposable[rounds];
        Sinks.Empty<?>[] holders = new Sinks.Empty<?>[rounds];
        int[] pages = random.ints(rounds, 1, 4).toArray();
        for (int i = 0; i < rounds; i++) {
            holders[i] = Sinks.empty();
        }
        threads.execute(() -> {
            for (int i = 0; i < rounds; i++) {
                Sinks.Empty<?> holder = holders[i];
                new BudgetedWork<>(budget, 3, () -> holder.asMono().then(), Ticket.NEW).subscribe();
                claimed[i] = new BudgetedWork<>(budget, pages[i], Mono::empty, Ticket.NEW).subscribe();
                await(together);
                claimed[i].dispose(); // against the release of the other thread
                await(together);
            }
            done.countDown();
        });
        threads.execute(() -> {
            for (int i = 0; i < rounds; i++) {
                await(together);
                holders[i].tryEmitEmpty();
                await(together);
            }
            done.countDown();
        });
        assertThat(done.await(100, TimeUnit.SECONDS)).isTrue();
        threads.shutdown();

        assertThat(budget.inUse()).isZero();
        assertThat(budget.waiting()).isZero();
        assertThat(budget.capacity()).isEqualTo(3);
        budget.close().block();
    }

    private static void await(CyclicBarrier together) {
        try {
            together.await(60, TimeUnit.SECONDS);
        } catch (Exception stuck) {
            throw new IllegalStateException(stuck);
        }
    }
}
