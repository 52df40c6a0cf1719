package io.dmio.copy;

import static io.dmio.copy.CopyFixture.PAGE_SECTORS;
import static io.dmio.copy.CopyFixture.blank;
import static io.dmio.copy.CopyFixture.onePagePieces;
import static io.dmio.copy.CopyFixture.part;
import static io.dmio.copy.CopyFixture.run;
import static io.dmio.copy.CopyFixture.source;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dmio.BlockOp;
import io.dmio.Errno;
import io.dmio.ErrorBits;
import io.dmio.IoRegion;
import io.dmio.device.Fault;
import io.dmio.device.FaultyDevice;
import io.dmio.device.MemoryDevice;
import io.dmio.testkit.ManualDevice;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import reactor.core.Disposable;
import reactor.core.Exceptions;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.test.StepVerifier;
import reactor.test.scheduler.VirtualTimeScheduler;

/** The limits of a service: their defaults, their ends, and what is none. */
class CopyLimitsTest {

    private static List<Long> sectorCounts(ManualDevice device) {
        return device.ops().stream().map(BlockOp::sectorCount).toList();
    }

    @Test
    void byDefaultEightPiecesOf512KibAreInFlightIn4MibOfPages() {
        CopyService service = CopyService.create();
        long sectors = 20 * 1024;
        ManualDevice source = ManualDevice.of("source", sectors);
        Copy copy = service.copy(IoRegion.all(source), List.of(IoRegion.all(MemoryDevice.of("leg", sectors))));
        Disposable running = copy.run().subscribe();
        assertThat(sectorCounts(source)).isEqualTo(Collections.nCopies(8, 1024L));
        assertThat(service.budget().capacity()).isEqualTo(1024);
        assertThat(service.budget().inUse()).isEqualTo(1024);
        running.dispose();
        for (int i = 0; i < 8; i++) {
            source.fail(i, Errno.EIO); // quicker than filling 4 MiB
        }
        StepVerifier.create(service.close()).verifyComplete();
        StepVerifier.create(service.close()).verifyComplete();
    }

    @Test
    void byDefaultAsManyCopiesRunAs4096() {
        CopyService service = onePagePieces().build();
        FaultyDevice source = FaultyDevice.of(source(PAGE_SECTORS));
        source.stall();
        List<IoRegion> leg = List.of(IoRegion.all(blank("leg", PAGE_SECTORS, 512)));
        for (int i = 0; i < 4096; i++) {
            service.copy(IoRegion.all(source), leg).run().subscribe();
        }
        StepVerifier.create(service.copy(IoRegion.all(source), leg).run())
                .verifyErrorMatches(e -> Exceptions.isOverflow(e)
                        && String.valueOf(e.getMessage()).startsWith("4096 copies"));
        source.release();
        StepVerifier.create(service.close()).verifyComplete();
    }

    @ParameterizedTest(name = "pieces of {0} pages, blocks of {1} bytes: {2} sectors")
    @CsvSource({"1, 512, 8", "3, 8192, 16", "3, 4096, 24", "1, 16384, 32", "5, 16384, 32"})
    void aPieceIsWholeBlocks(int pages, int blockBytes, long sectors) {
        CopyService service = CopyService.builder().piecePages(pages).build();
        ManualDevice source =
                new ManualDevice(ManualDevice.of("source", 960).info().withBlocks(blockBytes, blockBytes));
        service.copy(IoRegion.all(source), List.of(IoRegion.all(blank("leg", 960, blockBytes))))
                .run()
                .subscribe();
        assertThat(sectorCounts(source)).isEqualTo(Collections.nCopies(8, sectors));
        for (int i = 0; i < 8; i++) {
            source.fail(i, Errno.EIO);
        }
    }

    @Test
    void aServiceHasThePagesOfOnePieceInAnyCase() {
        assertThat(CopyService.builder().piecePages(9).pages(1).build().budget().capacity())
                .isEqualTo(9);
        assertThat(CopyService.builder().pages(300).build().budget().capacity()).isEqualTo(300);
    }

    @Test
    void limitsHaveEnds() {
        List<Function<Integer, CopyService.Builder>> limits = List.of(
                CopyService.builder()::piecePages,
                CopyService.builder()::pages,
                CopyService.builder()::piecesInFlightMax,
                CopyService.builder()::copiesMax);
        for (Function<Integer, CopyService.Builder> limit : limits) {
            for (int none : new int[] {0, -1, Integer.MIN_VALUE}) {
                assertThatThrownBy(() -> limit.apply(none))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining(none + " is not at least 1");
            }
        }
        for (int large : new int[] {(1 << 18) + 1, Integer.MAX_VALUE}) {
            assertThatThrownBy(() -> CopyService.builder().piecePages(large))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("262144");
        }
    }

    @Test
    void theLargestLimitsWork() {
        CopyService service = CopyService.builder()
                .piecePages(1 << 18)
                .pages(Integer.MAX_VALUE)
                .piecesInFlightMax(Integer.MAX_VALUE)
                .copiesMax(Integer.MAX_VALUE)
                .build();
        MemoryDevice leg = blank("leg", 80, 512);
        assertThat(run(service.copy(IoRegion.all(source(80)), List.of(IoRegion.all(leg))))
                        .isComplete())
                .isTrue();
        CopyFixture.assertCopied(leg, 0, 0, 80);
    }

    @Test
    @SuppressWarnings("NullAway") // that is what is tested
    void nullsAreRefusedAtOnce() {
        CopyService service = CopyService.create();
        IoRegion region = IoRegion.all(source(8));
        List<IoRegion> to = List.of(IoRegion.all(blank("leg", 8, 512)));
        List<ThrowingCallable> calls = List.of(
                () -> service.copy(null, to),
                () -> service.copy(region, null),
                () -> service.copy(region, Collections.singletonList(null)),
                () -> service.copy(region, to, null),
                () -> service.zero(null, CopyOptions.NONE),
                () -> service.zero(to, null),
                () -> service.copy(region, to).progress(null),
                () -> CopyOptions.NONE.with(null),
                () -> new CopyOptions(false, false, null, false),
                () -> new CopyResult(null, List.of(), 0, 0, 0, 0),
                () -> new CopyResult(ErrorBits.NONE, null, 0, 0, 0, 0),
                () -> new CopyProgress(0, 0, 0, null),
                () -> CopyService.builder().throttle(null),
                () -> CopyService.builder().clock(null));
        calls.forEach(call -> assertThatThrownBy(call).isInstanceOf(NullPointerException.class));
    }

    @Test
    void aServiceHasAThrottleOfItsOwnUnlessItIsGivenOne() {
        Throttle given = Throttle.unlimited();
        assertThat(CopyService.builder().throttle(given).build().throttle()).isSameAs(given);
        assertThat(CopyService.create().throttle())
                .isNotSameAs(CopyService.create().throttle());
    }

    @Test
    void theClockIsAskedEachTimeAndStaysTheCallers() {
        VirtualTimeScheduler early = VirtualTimeScheduler.create();
        VirtualTimeScheduler late = VirtualTimeScheduler.create();
        AtomicReference<Scheduler> clock = new AtomicReference<>(early);
        CopyService service = onePagePieces().clock(clock::get).build();
        Copy copy = service.copy(part(source(8), 0, 8), List.of(part(blank("leg", 8, 512), 0, 8)));
        clock.set(late);
        StepVerifier.create(copy.progress(Duration.ofSeconds(1)).take(2))
                .expectNextCount(1)
                .then(() -> late.advanceTimeBy(Duration.ofSeconds(1)))
                .expectNextCount(1)
                .verifyComplete();
        service.close().block();
        assertThat(List.of(early.isDisposed(), late.isDisposed())).containsOnly(false);
        early.dispose();
        late.dispose();
    }

    @Test
    void theClockMayBeAVirtualOneInPlaceOfReactors() {
        StepVerifier.withVirtualTime(() -> CopyService.create()
                        .copy(part(source(8), 0, 8), List.of(part(blank("leg", 8, 512), 0, 8)))
                        .progress(Duration.ofHours(1))
                        .take(2))
                .expectNextCount(1)
                .expectNoEvent(Duration.ofHours(1))
                .expectNextCount(1)
                .verifyComplete();
    }

    @Test
    void optionsAddUp() {
        CopyOptions all = CopyOptions.NONE
                .withFlush()
                .withAscending()
                .with(CopyOptions.Sparse.PUNCH)
                .withGoOnAfterError();
        assertThat(all).isEqualTo(new CopyOptions(true, true, CopyOptions.Sparse.PUNCH, true));
        assertThat(CopyOptions.NONE).isEqualTo(new CopyOptions(false, false, CopyOptions.Sparse.NONE, false));
        assertThat(new CopyProgress(1, 4, 0, Optional.empty()).fraction()).isEqualTo(0.25);
    }

    @Test
    void whoRetriesOrRepeatsCopiesAgain() {
        MemoryDevice leg = blank("leg", 8, 512);
        FaultyDevice twice = FaultyDevice.of(source(8), Fault.errno(Errno.EIO).first(2));
        Mono<CopyResult> complete = CopyService.create()
                .copy(IoRegion.all(twice), List.of(IoRegion.all(leg)))
                .run()
                .filter(CopyResult::isComplete)
                .switchIfEmpty(Mono.error(new IllegalStateException("not complete")));
        StepVerifier.create(complete.retry(2)).expectNextCount(1).verifyComplete();
        CopyFixture.assertCopied(leg, 0, 0, 8);
    }
}
