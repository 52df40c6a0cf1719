package io.dmio;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.Disposable;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;
import reactor.test.StepVerifier;
import reactor.test.scheduler.VirtualTimeScheduler;
import reactor.test.util.RaceTestUtils;

/** What is handed over is had by the subscriber or given back. */
class HandoverTest {

    private static final int ROUNDS = 3000;
    private static final Duration DOUBT = Duration.ofMillis(100);

    private final List<String> givenBack = new CopyOnWriteArrayList<>();
    private final List<String> got = new CopyOnWriteArrayList<>();
    private final Source source = new Source();
    private final Mono<String> handover = Handover.of(source, givenBack::add);
    private final ExecutorService executor = Executors.newFixedThreadPool(2);
    private VirtualTimeScheduler clock = VirtualTimeScheduler.create();

    @BeforeEach
    void useVirtualTime() {
        clock = VirtualTimeScheduler.getOrSet();
    }

    @AfterEach
    void useTheClockAgain() {
        VirtualTimeScheduler.reset();
        executor.shutdownNow();
    }

    @Test
    void whoWaitsGetsTheValueAndMayCancelAfterwards() {
        Disposable waiting = handover.subscribe(got::add);
        source.emit("a");
        waiting.dispose();
        settle();
        assertThat(got).containsExactly("a");
        assertThat(givenBack).isEmpty();
    }

    @Test
    void endsAndFailuresPassThrough() {
        StepVerifier.create(Handover.of(Mono.<String>empty(), givenBack::add)).verifyComplete();
        StepVerifier.create(Handover.of(Mono.<String>error(new IllegalStateException("x")), givenBack::add))
                .verifyErrorMessage("x");
        StepVerifier.create(Handover.of(Mono.just("a"), givenBack::add))
                .expectNext("a")
                .verifyComplete();
        assertThat(givenBack).isEmpty();
    }

    @Test
    void aValueThatComesAfterTheCancelIsGivenBackAtOnce() {
        handover.subscribe(got::add).dispose();
        assertThat(source.cancelled).isTrue();
        source.emit("a");
        assertThat(got).isEmpty();
        assertThat(givenBack).containsExactly("a");
    }

    @Test
    void whatCannotBeStoppedHalfwayIsGivenBackWhenItIsDone() {
        Handover.whole(source, givenBack::add).subscribe(got::add).dispose();
        assertThat(source.cancelled).isFalse();
        source.emit("a");
        assertThat(got).isEmpty();
        assertThat(givenBack).containsExactly("a");
    }

    @Test
    void whatIsCancelledBeforeAnythingWasAskedForIsGivenBackToo() {
        Mono<String> withheld = Mono.just("a").hide().map(value -> value + "b");
        Handover.whole(withheld, givenBack::add).subscribe(new BaseSubscriber<String>() {
            @Override
            protected void hookOnSubscribe(Subscription subscription) {
                cancel();
            }
        });
        assertThat(givenBack).containsExactly("ab");
    }

    @Test
    void aValueThatMeetsACancelFromElsewhereIsInDoubtForATenthOfASecond() {
        handover.subscribe(new BaseSubscriber<>() {
            @Override
            protected void hookOnNext(String value) {
                elsewhere(this::cancel); // and so this value was dropped, or not
            }
        });
        source.emit("a");
        clock.advanceTimeBy(DOUBT.minusMillis(1));
        assertThat(givenBack).isEmpty();
        clock.advanceTimeBy(Duration.ofMillis(1));
        assertThat(givenBack).containsExactly("a");
    }

    @Test
    void aValueWhoseCancelComesAfterwardsIsInDoubtToo() {
        AtomicReference<Subscription> late = new AtomicReference<>();
        handover.subscribe(
                new BaseSubscriber<>() { // as one that was disposed of a moment before, and dropped it
                    @Override
                    protected void hookOnSubscribe(Subscription subscription) {
                        late.set(subscription);
                        subscription.request(1);
                    }
                });
        source.emit("a");
        settle();
        assertThat(givenBack).isEmpty();
        subscription(late).cancel();
        subscription(late).cancel();
        settle();
        assertThat(givenBack).containsExactly("a");
    }

    @Test
    void whoCancelsFromWithinHasTheValue() {
        handover.flux().next().subscribe(got::add);
        source.emit("a");
        settle();
        assertThat(got).containsExactly("a");
        assertThat(givenBack).isEmpty();
    }

    @Test
    void whatATimeoutDroppedIsGivenBackHoweverLateItsCancelComes() {
        AtomicReference<Subscription> late = new AtomicReference<>();
        handover.subscribe(new BaseSubscriber<>() {
            @Override
            protected void hookOnSubscribe(Subscription subscription) {
                late.set(subscription);
                subscription.request(1);
            }

            @Override
            protected void hookOnNext(String value) {
                subscription(late)
                        .cancel(); // as FluxTimeout does when it drops; its timer cancels too, sooner or later
            }
        });
        source.emit("a");
        settle();
        assertThat(givenBack).isEmpty();
        elsewhere(() -> subscription(late).cancel());
        settle();
        assertThat(givenBack).containsExactly("a");
    }

    @Test
    void aTimeoutThatMeetsTheHandOverLosesNothing() {
        Scheduler threads = Schedulers.fromExecutorService(executor); // not those that the virtual clock replaced
        List<String> expected = new ArrayList<>();
        for (int round = 0; round < ROUNDS; round++) {
            String value = "value " + round;
            expected.add(value);
            Sinks.Empty<Void> timer = Sinks.empty();
            handover.timeout(timer.asMono()).subscribe(got::add, late -> {});
            RaceTestUtils.race(10, threads, () -> source.emit(value), timer::tryEmitEmpty);
            settle();
        }
        List<String> all = new ArrayList<>(got);
        all.addAll(givenBack);
        assertThat(all).hasSize(ROUNDS).hasSameElementsAs(expected);
    }

    private static Subscription subscription(AtomicReference<Subscription> held) {
        return Objects.requireNonNull(held.get());
    }

    private void settle() {
        clock.advanceTimeBy(DOUBT);
    }

    private static void elsewhere(Runnable action) {
        Thread thread = new Thread(action);
        thread.start();
        try {
            thread.join();
        } catch (InterruptedException interrupted) {
            throw new AssertionError(interrupted);
        }
    }

    /** Opens when the test says so, also after a cancel. */
    private static final class Source extends Mono<String> {
        private final AtomicReference<CoreSubscriber<? super String>> subscriber = new AtomicReference<>();
        private volatile boolean cancelled;

        @Override
        public void subscribe(CoreSubscriber<? super String> actual) {
            subscriber.set(actual);
            actual.onSubscribe(new Subscription() {
                @Override
                public void request(long n) {}

                @Override
                public void cancel() {
                    cancelled = true;
                }
            });
        }

        void emit(String value) {
            CoreSubscriber<? super String> now = Objects.requireNonNull(subscriber.get());
            now.onNext(value);
            now.onComplete();
        }
    }
}
