package io.dmio.copy;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.testkit.Seed;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.LongStream;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;
import reactor.test.StepVerifier;

/** Who writes when. */
class WriteOrderTest {

    private static final int PIECES = 2_000;

    private final WriteOrder order = new WriteOrder();

    private List<Long> shuffled(String seed) {
        List<Long> numbers = new ArrayList<>();
        for (int i = 0; i < PIECES; i++) {
            numbers.add(order.take());
        }
        Collections.shuffle(numbers, new Random(Seed.random(seed).nextLong()));
        return numbers;
    }

    @Test
    void aThousandThatWaitForOneDoNotNest() {
        List<Long> written = new ArrayList<>();
        List<Integer> depths = new ArrayList<>();
        for (long number : shuffled("nesting")) {
            order.turnOf(number)
                    .doOnTerminate(() -> {
                        written.add(number);
                        depths.add(Thread.currentThread().getStackTrace().length);
                        order.passed(number);
                    })
                    .subscribe();
        }
        assertThat(written).isSorted().hasSize(PIECES);
        assertThat(Collections.max(depths) - Collections.min(depths)).isLessThan(200);
    }

    @Test
    void aPieceThatIsPassedEarlyTakesNobodysTurn() {
        List<Long> written = new ArrayList<>();
        for (long number : shuffled("early")) {
            Mono<Void> turn = number % 3 == 0 ? Mono.empty() : order.turnOf(number);
            turn.doOnTerminate(() -> {
                        if (number % 3 != 0) {
                            written.add(number);
                        }
                        order.passed(number);
                    })
                    .subscribe();
        }
        assertThat(written).isSorted().hasSize(PIECES - (PIECES + 2) / 3);
    }

    @RepeatedTest(20)
    void piecesThatArriveOnManyThreadsWriteInOrderAndNoneIsForgotten(RepetitionInfo repetition) {
        ConcurrentLinkedQueue<Long> written = new ConcurrentLinkedQueue<>();
        Flux<Void> racing = Flux.fromIterable(shuffled("race " + repetition.getCurrentRepetition()))
                .flatMap(
                        number -> Mono.defer(() -> order.turnOf(number))
                                .doOnTerminate(() -> {
                                    written.add(number);
                                    order.passed(number);
                                })
                                .subscribeOn(Schedulers.parallel()),
                        PIECES);
        StepVerifier.create(racing).expectComplete().verify(Duration.ofSeconds(30));
        assertThat(written)
                .containsExactlyElementsOf(LongStream.range(0, PIECES).boxed().toList());
    }
}
