package io.dmio.copy;

import static io.dmio.copy.CopyFixture.PAGE_SECTORS;
import static io.dmio.copy.CopyFixture.assertIdle;
import static io.dmio.copy.CopyFixture.onePagePieces;
import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.IoRegion;
import io.dmio.testkit.ManualDevice;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.Disposable;
import reactor.test.StepVerifier;

/** Cancel, pause, resume, close. */
class CopyControlTest {

    private static final int PIECES = 4;

    private final ManualDevice source = ManualDevice.of("source", PIECES * PAGE_SECTORS);
    private final ManualDevice leg = ManualDevice.of("leg", PIECES * PAGE_SECTORS);

    private Copy copy(CopyService service, CopyOptions options) {
        return service.copy(IoRegion.all(source), List.of(IoRegion.all(leg)), options);
    }

    /** Answers one operation, reads first or writes first; false if none waits. */
    private boolean answerOne(int[] answered, boolean readsFirst) {
        boolean read = answered[0] < source.ops().size();
        boolean write = answered[1] < leg.ops().size();
        if (read && (readsFirst || !write)) {
            source.answer(answered[0]++);
        } else if (write) {
            leg.answer(answered[1]++);
        }
        return read || write;
    }

    private List<Object> submitted() {
        List<Object> all = new ArrayList<>(source.ops());
        all.addAll(leg.ops());
        return all;
    }

    @ParameterizedTest
    @CsvSource({"1, 8", "3, 2"})
    void aCancelAtAnyStepSubmitsNothingMoreAndAllPagesComeBack(int inFlight, int pages) {
        for (CopyOptions options : List.of(CopyOptions.NONE, CopyOptions.NONE.withAscending())) {
            for (int step = 0; step <= 2 * PIECES; step++) {
                for (boolean readsFirst : new boolean[] {true, false}) {
                    new CopyControlTest().cancelAfter(step, readsFirst, options, inFlight, pages);
                }
            }
        }
    }

    private void cancelAfter(int steps, boolean readsFirst, CopyOptions options, int inFlight, int pages) {
        CopyService service =
                onePagePieces().piecesInFlightMax(inFlight).pages(pages).build();
        Disposable running = copy(service, options).run().subscribe();
        int[] answered = new int[2];
        for (int i = 0; i < steps; i++) {
            answerOne(answered, readsFirst);
        }
        running.dispose();
        List<Object> before = submitted();
        AtomicBoolean closed = new AtomicBoolean();
        service.close().subscribe(none -> {}, failure -> {}, () -> closed.set(true));
        assertThat(closed.get()).isEqualTo(answered[0] + answered[1] == before.size());
        while (answerOne(answered, readsFirst)) {
            // what was submitted runs out
        }
        assertThat(submitted()).isEqualTo(before);
        assertThat(closed).isTrue();
        assertIdle(service);
    }

    @Test
    void aPausedCopyStartsNothingAndGoesOnWhereItWas() {
        CopyService service = onePagePieces().piecesInFlightMax(2).build();
        Copy copy = copy(service, CopyOptions.NONE);
        int[] answered = new int[2];

        StepVerifier.create(copy.run())
                .then(() -> {
                    copy.pause();
                    while (answerOne(answered, true)) {
                        // those in flight run out
                    }
                    assertThat(source.ops()).hasSize(3); // two in flight, and one that had had its turn
                    assertThat(leg.ops()).hasSize(3);
                    assertIdle(service);
                    copy.pause(); // again is harmless
                    copy.resume();
                    copy.resume();
                    while (answerOne(answered, true)) {
                        // to the end
                    }
                })
                .expectNextMatches(CopyResult::isComplete)
                .verifyComplete();
        assertThat(source.ops()).hasSize(PIECES);
    }

    @Test
    void aCopyMayBePausedBeforeItRunsAndCancelledWhilePaused() {
        CopyService service = onePagePieces().build();
        Copy copy = copy(service, CopyOptions.NONE);
        copy.pause();
        Disposable running = copy.run().subscribe();
        assertThat(submitted()).isEmpty();
        running.dispose();
        StepVerifier.create(service.close()).verifyComplete();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void closeWaitsForCopiesThatRun(boolean ascending) {
        CopyService service = onePagePieces().build();
        CopyOptions options = ascending ? CopyOptions.NONE.withAscending() : CopyOptions.NONE;
        AtomicBoolean ended = new AtomicBoolean();
        copy(service, options).run().subscribe(result -> ended.set(result.isComplete()));
        int[] answered = new int[2];

        StepVerifier.create(service.close())
                .expectSubscription()
                .then(() -> {
                    while (answerOne(answered, false)) {
                        assertThat(ended.get()).isEqualTo(answered[1] == PIECES);
                    }
                })
                .verifyComplete();
        assertThat(ended).isTrue();
    }
}
