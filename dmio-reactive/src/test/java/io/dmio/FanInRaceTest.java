package io.dmio;

import io.dmio.budget.Ticket;
import io.dmio.harness.Schedules;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Consumer;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Validate;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;
import reactor.util.context.Context;

/** Answers of legs that meet the start, a cancel, and each other: one result, and everything given back once. */
class FanInRaceTest {

    /**
     * Lincheck's view: a fan-in of two legs is started, answered, answered again and cancelled by two threads in every order.
     * The operations tell nothing, so all that is checked is what must hold at the end of each schedule.
     */
    public static class FanInModel {

        private static final Context QUIET =
                Context.of("reactor.onErrorDropped.local", (Consumer<Throwable>) late -> {});

        private final PageBudget budget = new PageBudget(1, 10);
        private final AtomicReferenceArray<CoreSubscriber<? super Void>> legs = new AtomicReferenceArray<>(2);
        private final AtomicInteger answers = new AtomicInteger(); // that were given to a leg
        private final AtomicInteger holds = new AtomicInteger();
        private final AtomicInteger results = new AtomicInteger();
        private final AtomicInteger wrong = new AtomicInteger();
        private volatile boolean cancelled;
        private final FanIn run = new TwoLegs();

        /** Legs that answer when they are told to. */
        private final class TwoLegs extends FanIn {

            TwoLegs() {
                super(budget, 1, Ticket.NEW, new Told());
            }

            @Override
            protected void hold() {
                holds.incrementAndGet();
            }

            @Override
            protected int parts() {
                return 2;
            }

            @Override
            Mono<?> assemble(int leg) {
                return new Mono<Void>() {
                    @Override
                    public void subscribe(CoreSubscriber<? super Void> actual) {
                        actual.onSubscribe(Operators.emptySubscription());
                        legs.set(leg, actual);
                    }
                };
            }

            @Override
            int bit(int leg) {
                return leg;
            }

            @Override
            void zero(int leg) {}

            @Override
            DeviceException cause(int leg, Throwable thrown) {
                return DeviceException.of(Errno.EIO, "leg", "failed");
            }

            @Override
            void letGo() {
                holds.decrementAndGet();
            }
        }

        /** Who asked. */
        private final class Told implements CoreSubscriber<ErrorBits> {
            @Override
            public Context currentContext() {
                return QUIET;
            }

            @Override
            public void onSubscribe(Subscription subscription) {}

            @Override
            public void onNext(ErrorBits bits) {
                if (bits.toLong() != 0b10 || holds.get() != 0 || budget.inUse() != 0) {
                    wrong.incrementAndGet();
                }
            }

            @Override
            public void onError(Throwable thrown) {
                wrong.incrementAndGet();
            }

            @Override
            public void onComplete() {
                results.incrementAndGet();
            }
        }

        @Operation(runOnce = true)
        public void ask() {
            run.request(1);
        }

        @Operation(runOnce = true)
        public void cancel() {
            cancelled = true;
            run.cancel();
        }

        @Operation
        public void answerOne() {
            CoreSubscriber<? super Void> leg = legs.get(0);
            if (leg != null) {
                answers.updateAndGet(given -> given | 1);
                leg.onComplete();
            }
        }

        @Operation
        public void failTheOther() {
            CoreSubscriber<? super Void> leg = legs.get(1);
            if (leg != null) {
                answers.updateAndGet(given -> given | 2);
                leg.onError(new IllegalStateException("a bug"));
            }
        }

        @Validate
        public void oneResultOnceAllHaveAnswered() {
            boolean all = answers.get() == 3;
            boolean begun = legs.get(0) != null;
            Schedules.check(wrong.get() == 0, "told something wrong, or too soon");
            Schedules.check(results.get() <= 1, "told twice");
            Schedules.check(results.get() == 1 || !all || cancelled, "not told");
            Schedules.check(results.get() == 0 || all, "told before all had answered");
            Schedules.check(holds.get() == (begun && !all ? 1 : 0), "memory lost, or given back twice");
            Schedules.check(budget.inUse() == (begun && !all ? 1 : 0), "pages lost, or given back twice");
        }
    }

    /** The same once both legs were asked, so that more schedules are about their answers. */
    public static class AskedModel extends FanInModel {
        public AskedModel() {
            ask();
        }
    }

    @ParameterizedTest
    @ValueSource(classes = {FanInModel.class, AskedModel.class})
    void inEveryScheduleThereIsOneResultAndEverythingIsGivenBackOnce(Class<?> model) {
        Schedules.exploreAny(model, 50, 15, 3);
    }
}
