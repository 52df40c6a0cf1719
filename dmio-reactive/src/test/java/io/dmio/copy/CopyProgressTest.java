package io.dmio.copy;

import static io.dmio.copy.CopyFixture.PAGE_SECTORS;
import static io.dmio.copy.CopyFixture.blank;
import static io.dmio.copy.CopyFixture.onePagePieces;
import static io.dmio.copy.CopyFixture.source;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dmio.IoRegion;
import io.dmio.device.Fault;
import io.dmio.device.FaultPlan;
import io.dmio.device.FaultyDevice;
import io.dmio.device.MemoryDevice;
import io.dmio.testkit.ManualDevice;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;
import reactor.core.Exceptions;
import reactor.test.StepVerifier;
import reactor.test.scheduler.VirtualTimeScheduler;

/** What those who watch a copy see. */
class CopyProgressTest {

    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final int SECTORS = 10 * PAGE_SECTORS;

    private final VirtualTimeScheduler clock = VirtualTimeScheduler.create();
    private final CopyService service =
            onePagePieces().piecesInFlightMax(1).clock(() -> clock).build();

    @AfterEach
    void stopTheClock() {
        clock.dispose();
    }

    /** A page a second. */
    private Copy slow() {
        FaultyDevice source = FaultyDevice.of(source(SECTORS), FaultPlan.of(Fault.delayed(SECOND)), () -> clock);
        return service.copy(IoRegion.all(source), List.of(IoRegion.all(blank("leg", SECTORS, 512))));
    }

    @Test
    void bytesRateAndEtaFollowTheCopy() {
        Copy copy = slow();
        StepVerifier.create(copy.progress(Duration.ofMillis(2500)))
                .expectNext(new CopyProgress(0, 40960, 0, Optional.empty()))
                .then(() -> copy.run().subscribe())
                .then(() -> clock.advanceTimeBy(Duration.ofMillis(2500)))
                .assertNext(now -> {
                    assertThat(now.bytesDone()).isEqualTo(2 * 4096);
                    assertThat(now.fraction()).isEqualTo(0.2);
                    assertThat(now.bytesPerSecond()).isEqualTo(8192 / 2.5);
                    assertThat(now.eta()).hasValue(Duration.ofSeconds(10));
                })
                .then(() -> clock.advanceTimeBy(Duration.ofMillis(7500)))
                .expectNextCount(3)
                .thenConsumeWhile(now -> now.bytesDone() < 40960)
                .assertNext(end -> assertThat(end.eta()).hasValue(Duration.ZERO))
                .verifyComplete();
    }

    @Test
    void aReaderThatDoesNotReadNeitherHoldsTheCopyNorFillsMemoryAndGetsTheNewest() {
        Copy copy = slow();
        StepVerifier.create(copy.progress(Duration.ofMillis(1)), 0)
                .then(() -> copy.run().subscribe())
                .then(() -> clock.advanceTimeBy(Duration.ofSeconds(10)))
                .thenRequest(1)
                .expectNextMatches(now -> now.fraction() == 1)
                .verifyComplete();
    }

    @Test
    void aPausedCopySaysThatNothingMoves() {
        Copy copy = slow();
        copy.run().subscribe();
        clock.advanceTimeBy(SECOND);
        copy.pause();
        clock.advanceTimeBy(Duration.ofSeconds(60));
        StepVerifier.create(copy.progress(SECOND).take(3))
                .then(() -> clock.advanceTimeBy(Duration.ofSeconds(2)))
                .expectNextCount(2)
                .expectNextMatches(now -> now.bytesPerSecond() == 0 && now.eta().isEmpty())
                .verifyComplete();
        copy.resume();
        clock.advanceTimeBy(Duration.ofSeconds(10));
    }

    @Test
    void watchingEndsWithACancel() {
        ManualDevice stuck = ManualDevice.of("stuck", SECTORS);
        Copy copy = service.copy(IoRegion.all(stuck), List.of(IoRegion.all(blank("leg", SECTORS, 512))));
        Disposable running = copy.run().subscribe();
        StepVerifier.create(copy.progress(SECOND))
                .expectNextCount(1)
                .then(running::dispose)
                .expectNextMatches(now -> now.bytesDone() == 0)
                .verifyComplete();
        stuck.answer(0);
    }

    @Test
    void whoWatchesAfterARunWatchesTheNext() {
        Copy copy = slow();
        copy.run().subscribe();
        clock.advanceTimeBy(Duration.ofSeconds(10));
        for (int run = 0; run < 2; run++) {
            StepVerifier.create(copy.progress(Duration.ofSeconds(4)))
                    .expectNextMatches(now -> now.bytesDone() == 0)
                    .then(() -> clock.advanceTimeBy(Duration.ofMillis(2500)))
                    .then(() -> copy.run().subscribe())
                    .then(() -> clock.advanceTimeBy(Duration.ofSeconds(10)))
                    .expectNextMatches(now -> now.bytesDone() == 4096)
                    .expectNextMatches(now -> now.bytesDone() == 5 * 4096)
                    .expectNextMatches(now -> now.bytesDone() == 9 * 4096)
                    .expectNextMatches(now -> now.fraction() == 1)
                    .verifyComplete();
        }
    }

    @Test
    void watchingEndsWhenTheCopyIsRefusedAndOneThatRunsIsWatchedOn() {
        CopyService small = onePagePieces().copiesMax(1).clock(() -> clock).build();
        ManualDevice stuck = ManualDevice.of("stuck", SECTORS);
        MemoryDevice leg = blank("leg", SECTORS, 512);
        Copy first = small.copy(IoRegion.all(stuck), List.of(IoRegion.all(leg)));
        Copy second = small.copy(IoRegion.all(stuck), List.of(IoRegion.all(leg)));
        AtomicBoolean firstEnded = new AtomicBoolean();
        first.progress(SECOND).subscribe(now -> {}, error -> {}, () -> firstEnded.set(true));
        Disposable running = first.run().subscribe();

        StepVerifier.create(second.progress(SECOND))
                .expectNextCount(1)
                .then(() -> StepVerifier.create(second.run()).verifyErrorMatches(Exceptions::isOverflow))
                .expectNextCount(1)
                .verifyComplete();
        StepVerifier.create(first.run()).verifyError(IllegalStateException.class);
        assertThat(firstEnded).isFalse();
        running.dispose();
        assertThat(firstEnded).isTrue();
        stuck.answerFrom(0);
        small.close().block();
        StepVerifier.create(second.progress(SECOND))
                .expectNextCount(1)
                .then(() -> StepVerifier.create(second.run()).verifyError(IllegalStateException.class))
                .expectNextCount(1)
                .verifyComplete();
    }

    @Test
    void watchingEndsWhenABlockIsTooLargeForThePages() {
        CopyService small = onePagePieces().pages(1).clock(() -> clock).build();
        Copy copy = small.copy(IoRegion.all(source(16)), List.of(IoRegion.all(blank("leg", 16, 8192))));
        StepVerifier.create(copy.progress(SECOND))
                .expectNextCount(1)
                .then(() -> StepVerifier.create(copy.run()).verifyError(IllegalStateException.class))
                .expectNextCount(1)
                .verifyComplete();
    }

    @Test
    void anIntervalIsMoreThanZeroAndMayBeForEver() {
        Copy copy = slow();
        for (Duration none : List.of(Duration.ZERO, Duration.ofNanos(-1), Duration.ofSeconds(Long.MIN_VALUE))) {
            assertThatThrownBy(() -> copy.progress(none))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("more than zero");
        }
        StepVerifier.create(copy.progress(Duration.ofSeconds(Long.MAX_VALUE)))
                .expectNextCount(1)
                .then(() -> copy.run().subscribe())
                .then(() -> clock.advanceTimeBy(Duration.ofSeconds(10)))
                .expectNextMatches(now -> now.fraction() == 1)
                .verifyComplete();
    }

    @Test
    void aPausedCopyHasNoEta() {
        Copy copy = slow();
        List<CopyProgress> seen = new ArrayList<>();
        copy.progress(SECOND).subscribe(seen::add);
        copy.run().subscribe();
        clock.advanceTimeBy(Duration.ofMillis(3500));
        assertThat(seen.get(seen.size() - 1).eta()).isPresent();
        copy.pause();
        clock.advanceTimeBy(Duration.ofSeconds(2)); // one piece was in flight
        assertThat(seen.get(seen.size() - 1).eta()).isEmpty();
        assertThat(seen.get(seen.size() - 1).bytesPerSecond()).isPositive();
        copy.resume();
        clock.advanceTimeBy(SECOND);
        assertThat(seen.get(seen.size() - 1).eta()).isPresent();
        clock.advanceTimeBy(Duration.ofSeconds(10));
        assertThat(seen.get(seen.size() - 1).eta()).hasValue(Duration.ZERO);
        assertThat(clock.isDisposed()).isFalse();
    }

    @Test
    void anEmptyCopyIsAtItsEnd() {
        Copy copy = service.copy(new IoRegion(source(8), 0, 0), List.of(new IoRegion(blank("leg", 8, 512), 0, 0)));
        StepVerifier.create(copy.progress(SECOND))
                .expectNextMatches(now -> now.fraction() == 1 && now.eta().equals(Optional.of(Duration.ZERO)))
                .then(() -> copy.run().subscribe())
                .expectNextCount(1)
                .verifyComplete();
    }

    @Test
    void theRateForgetsAnOldSpeed() {
        ProgressMeter meter = new ProgressMeter(0, 0);
        long second = TimeUnit.SECONDS.toNanos(1);
        meter.sample(1_000_000, Long.MAX_VALUE, second, false);
        double rate = 0;
        for (int i = 1; i <= 30; i++) {
            rate = meter.sample(1_000_000 + i * 1000L, Long.MAX_VALUE, second + i * second, false)
                    .bytesPerSecond();
        }
        assertThat(rate).isBetween(1000.0, 5000.0);
    }
}
