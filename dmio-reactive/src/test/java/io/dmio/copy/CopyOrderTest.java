package io.dmio.copy;

import static io.dmio.copy.CopyFixture.PAGE_SECTORS;
import static io.dmio.copy.CopyFixture.assertCopied;
import static io.dmio.copy.CopyFixture.assertIdle;
import static io.dmio.copy.CopyFixture.blank;
import static io.dmio.copy.CopyFixture.onePagePieces;
import static io.dmio.copy.CopyFixture.source;
import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.BlockOp;
import io.dmio.Errno;
import io.dmio.ErrorBits;
import io.dmio.IoRegion;
import io.dmio.device.Fault;
import io.dmio.device.FaultPlan;
import io.dmio.device.FaultyDevice;
import io.dmio.device.MemoryDevice;
import io.dmio.testkit.ManualDevice;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;
import reactor.test.scheduler.VirtualTimeScheduler;

/** Strictly ascending writes, and who gets pages when there are few. */
class CopyOrderTest {

    private static final CopyOptions ASCENDING = CopyOptions.NONE.withAscending();
    private static final int PIECES = 6;
    private static final int SECTORS = PIECES * PAGE_SECTORS;

    private static List<Long> sectors(ManualDevice device) {
        return device.ops().stream().map(BlockOp::sector).toList();
    }

    @Test
    void writesAscendThoughReadsEndInReverse() {
        CopyService service = onePagePieces().build();
        ManualDevice source = ManualDevice.of("source", SECTORS);
        ManualDevice leg = ManualDevice.of("leg", SECTORS);

        StepVerifier.create(service.copy(IoRegion.all(source), List.of(IoRegion.all(leg)), ASCENDING)
                        .run())
                .then(() -> {
                    for (int i = PIECES - 1; i > 0; i--) {
                        source.answer(i);
                    }
                    assertThat(leg.ops()).isEmpty();
                    source.answer(0);
                    for (int i = 0; i < PIECES; i++) {
                        assertThat(leg.ops()).hasSize(i + 1); // one at a time
                        leg.answer(i);
                    }
                })
                .expectNextMatches(CopyResult::isComplete)
                .verifyComplete();
        assertThat(sectors(leg)).containsExactly(0L, 8L, 16L, 24L, 32L, 40L);
    }

    @Test
    void theTransfersOfOnePieceAscendOnEachDestination() {
        CopyService service = CopyService.builder().piecePages(4).build();
        ManualDevice fine = new ManualDevice(ManualDevice.of("fine", 64).info().withTransferBytesMax(4096));
        ManualDevice wide = ManualDevice.of("wide", 64);

        StepVerifier.create(service.copy(
                                IoRegion.all(source(64)), List.of(IoRegion.all(fine), IoRegion.all(wide)), ASCENDING)
                        .run())
                .then(() -> {
                    wide.answer(0);
                    for (int i = 0; i < 4; i++) {
                        assertThat(wide.ops()).hasSize(1);
                        assertThat(fine.ops()).hasSize(i + 1);
                        fine.answer(i);
                    }
                    assertThat(wide.ops()).hasSize(2);
                    wide.answer(1);
                    fine.answerFrom(4);
                })
                .expectNextMatches(CopyResult::isComplete)
                .verifyComplete();
        assertThat(sectors(fine)).containsExactly(0L, 8L, 16L, 24L, 32L, 40L, 48L, 56L);
    }

    @Test
    void afterAFailedWriteNoLaterPieceIsWritten() {
        CopyService service = onePagePieces().build();
        ManualDevice leg = ManualDevice.of("leg", SECTORS);

        StepVerifier.create(service.copy(IoRegion.all(source(SECTORS)), List.of(IoRegion.all(leg)), ASCENDING)
                        .run())
                .then(() -> leg.answer(0))
                .then(() -> leg.fail(1, Errno.EIO))
                .expectNextMatches(result -> result.errors().equals(ErrorBits.ofBits(1)))
                .verifyComplete();
        assertThat(leg.ops()).hasSize(2);
        assertIdle(service);
    }

    @Test
    void goingOnKeepsTheOrderPastErrors() {
        CopyService service = onePagePieces().build();
        ManualDevice leg = ManualDevice.of("leg", SECTORS);
        FaultyDevice bad = FaultyDevice.of(source(SECTORS), Fault.badSectors(8, 8));

        StepVerifier.create(service.copy(IoRegion.all(bad), List.of(IoRegion.all(leg)), ASCENDING.withGoOnAfterError())
                        .run())
                .then(() -> leg.answer(0))
                .then(() -> leg.fail(1, Errno.EIO))
                .then(() -> leg.answerFrom(2))
                .expectNextMatches(result -> result.bytesDone() == result.bytesTotal())
                .verifyComplete();
        assertThat(sectors(leg)).containsExactly(0L, 16L, 24L, 32L, 40L);
    }

    @Test
    void aPieceThatGetsItsPagesAfterTheStopTakesNobodysTurn() {
        CopyService service = CopyService.builder().piecePages(2).pages(7).build();
        ManualDevice source = ManualDevice.of("source", 2 * SECTORS);

        StepVerifier.create(service.copy(
                                IoRegion.all(source), List.of(IoRegion.all(blank("leg", 2 * SECTORS, 512))), ASCENDING)
                        .run())
                .then(() -> source.fail(2, Errno.EIO))
                .then(() -> source.answer(0)) // its pages go to the fourth piece, which does nothing any more
                .then(() -> source.answer(1))
                .expectNextMatches(result -> !result.isComplete())
                .expectComplete()
                .verify(Duration.ofSeconds(30));
        assertIdle(service);
    }

    @Test
    void aLateFirstPieceDoesNotNestAllOthersOnTheStack() {
        int sectors = 5_000 * PAGE_SECTORS;
        VirtualTimeScheduler clock = VirtualTimeScheduler.create();
        CopyService service = onePagePieces().build();
        FaultyDevice late = FaultyDevice.of(
                MemoryDevice.of("late", sectors),
                FaultPlan.of(Fault.delayed(Duration.ofSeconds(1)).nth(1)),
                () -> clock);

        StepVerifier.create(
                        service.copy(IoRegion.all(late), List.of(IoRegion.all(blank("leg", sectors, 512))), ASCENDING)
                                .run())
                .then(() -> clock.advanceTimeBy(Duration.ofSeconds(1)))
                .expectNextMatches(CopyResult::isComplete)
                .verifyComplete();
        clock.dispose();
    }

    @Test
    void aBudgetOfOnePieceServesAHundredCopiesInRounds() {
        CopyService service = onePagePieces().pages(1).build();
        VirtualTimeScheduler clock = VirtualTimeScheduler.create();
        FaultyDevice slow =
                FaultyDevice.of(source(SECTORS), FaultPlan.of(Fault.delayed(Duration.ofMillis(1))), () -> clock);
        List<MemoryDevice> legs = new ArrayList<>();
        List<Mono<Integer>> copies = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            int me = i;
            legs.add(blank("leg" + i, SECTORS, 512));
            long pieces = i % 2 == 0 ? PIECES : 1; // the short ones came later than the long ones before them
            copies.add(service.copy(
                            new IoRegion(slow, 0, pieces * PAGE_SECTORS),
                            List.of(new IoRegion(legs.get(i), 0, pieces * PAGE_SECTORS)))
                    .run()
                    .map(result -> result.isComplete() ? me : -1));
        }
        List<Integer> ended = new ArrayList<>();

        StepVerifier.create(Flux.merge(Flux.fromIterable(copies), 100)
                        .doOnNext(ended::add)
                        .then())
                .then(() -> clock.advanceTimeBy(Duration.ofMillis(100L * PIECES)))
                .verifyComplete();

        List<Integer> rounds = new ArrayList<>();
        for (int i = 1; i < 100; i += 2) {
            rounds.add(i); // a short one ends in the first round
        }
        for (int i = 0; i < 100; i += 2) {
            rounds.add(i); // the long ones in the last, first come first
        }
        assertThat(ended).containsExactlyElementsOf(rounds);
        legs.forEach(leg -> assertCopied(leg, 0, 0, PAGE_SECTORS));
        assertIdle(service);
        clock.dispose();
    }
}
