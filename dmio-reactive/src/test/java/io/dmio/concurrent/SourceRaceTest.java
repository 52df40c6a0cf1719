package io.dmio.concurrent;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.testkit.Seed;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.reactivestreams.Subscription;
import reactor.core.publisher.BaseSubscriber;

/** What comes from a source while somebody asks for it or leaves: all of it is taken hold of, and none is given twice. */
@ExtendWith(Seed.class)
class SourceRaceTest {

    private static final int ROUNDS = 5000;
    private static final int GIVEN = 20;

    private final ExecutorService threads = Executors.newFixedThreadPool(2);
    private final CyclicBarrier together = new CyclicBarrier(3);

    @AfterEach
    void stop() {
        threads.shutdownNow();
    }

    @Test
    void whatIsAskedForWhileItComesArrivesOnceAndInOrder(SplittableRandom random) throws Exception {
        for (int round = 0; round < ROUNDS; round++) {
            int[] asks = random.ints(GIVEN, 0, 3).filter(n -> n > 0).toArray();
            Round one = new Round();
            race(one::give, () -> IntStream.of(asks).forEach(one.subscriber::request));
            one.subscriber.request(GIVEN); // what was not asked for meanwhile

            assertThat(one.arrived).isEqualTo(IntStream.range(0, GIVEN).boxed().toList());
            assertThat(one.taken).hasValue(GIVEN);
            assertThat(one.asked.get())
                    .as("no more than was asked for")
                    .isLessThanOrEqualTo(IntStream.of(asks).sum() + GIVEN);
            assertThat(one.completed).isTrue();
        }
    }

    @Test
    void aCancelLetsNothingSlipThroughUntaken() throws Exception {
        for (int round = 0; round < ROUNDS; round++) {
            Round one = new Round();
            one.subscriber.request(GIVEN);
            race(one::give, one.subscriber::cancel);

            assertThat(one.taken).as("whoever takes also takes what comes late").hasValue(GIVEN);
            assertThat(one.arrived)
                    .isEqualTo(IntStream.range(0, one.arrived.size()).boxed().toList());
        }
    }

    private void race(Runnable one, Runnable other) throws Exception {
        List<Future<?>> running = new ArrayList<>();
        for (Runnable each : List.of(one, other)) {
            running.add(threads.submit(() -> {
                together.await(60, TimeUnit.SECONDS);
                each.run();
                return null;
            }));
        }
        together.await(60, TimeUnit.SECONDS);
        for (Future<?> each : running) {
            each.get(60, TimeUnit.SECONDS);
        }
    }

    /** A source that gives its numbers when it is told to, and whoever asks it. */
    private static final class Round implements Subscription {
        private final AtomicInteger taken = new AtomicInteger();
        private final AtomicLong asked = new AtomicLong();
        private final List<Integer> arrived = Collections.synchronizedList(new ArrayList<>());
        private volatile boolean completed;
        private org.reactivestreams.Subscriber<? super Integer> into = new BaseSubscriber<>() {};

        private final BaseSubscriber<Integer> subscriber = new BaseSubscriber<>() {
            @Override
            protected void hookOnSubscribe(Subscription subscription) {}

            @Override
            protected void hookOnNext(Integer number) {
                arrived.add(number);
            }

            @Override
            protected void hookOnComplete() {
                completed = true;
            }
        };

        Round() {
            Source.<Integer, Integer>of(
                            from -> {
                                into = from;
                                from.onSubscribe(this);
                            },
                            number -> {
                                taken.incrementAndGet();
                                return number;
                            })
                    .subscribe(subscriber);
        }

        void give() {
            IntStream.range(0, GIVEN).forEach(into::onNext);
            into.onComplete();
        }

        @Override
        public void request(long n) {
            asked.addAndGet(n);
        }

        @Override
        public void cancel() {}
    }
}
