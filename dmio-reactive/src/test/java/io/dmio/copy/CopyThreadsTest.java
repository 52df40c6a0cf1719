package io.dmio.copy;

import static io.dmio.copy.CopyFixture.PAGE_SECTORS;
import static io.dmio.copy.CopyFixture.assertCopied;
import static io.dmio.copy.CopyFixture.assertIdle;
import static io.dmio.copy.CopyFixture.blank;
import static io.dmio.copy.CopyFixture.onePagePieces;
import static io.dmio.copy.CopyFixture.source;
import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.BlockOp;
import io.dmio.Capability;
import io.dmio.ErrorBits;
import io.dmio.IoRegion;
import io.dmio.device.Fault;
import io.dmio.device.FaultPlan;
import io.dmio.device.FaultyDevice;
import io.dmio.device.MemoryDevice;
import io.dmio.testkit.ManualDevice;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import reactor.core.Exceptions;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;
import reactor.test.StepVerifier;

/** Who does the work of a copy, in which order, and with whom at the same time. */
class CopyThreadsTest {

    private static final int PIECES = 3;
    private static final int SECTORS = PIECES * PAGE_SECTORS;

    private static List<Long> sectors(ManualDevice device) {
        return device.ops().stream().map(BlockOp::sector).toList();
    }

    @Test
    void aPieceIsReadOnceWrittenSideBySideAndEndsInAnyOrder() {
        CopyService service = onePagePieces().build();
        ManualDevice source = ManualDevice.of("source", SECTORS);
        ManualDevice one = ManualDevice.of("one", SECTORS);
        ManualDevice two = ManualDevice.of("two", SECTORS);

        StepVerifier.create(service.copy(IoRegion.all(source), List.of(IoRegion.all(one), IoRegion.all(two)))
                        .run())
                .then(() -> {
                    assertThat(sectors(source)).containsExactly(0L, 8L, 16L);
                    source.answer(2);
                    source.answer(0);
                    source.answer(1);
                    assertThat(sectors(one)).containsExactly(16L, 0L, 8L);
                    assertThat(sectors(two)).containsExactly(16L, 0L, 8L);
                    one.answerFrom(0);
                    assertThat(service.budget().inUse()).isEqualTo(PIECES);
                    two.answer(1);
                    assertThat(service.budget().inUse()).isEqualTo(PIECES - 1);
                    two.answer(0);
                    two.answer(2);
                })
                .expectNextMatches(CopyResult::isComplete)
                .verifyComplete();
        assertThat(source.ops()).hasSize(PIECES);
        assertIdle(service);
    }

    @Test
    void aResultComesOnTheThreadThatAnsweredLastOrOnTheSubscribers() {
        CopyService service = onePagePieces().build();
        Scheduler clock = Schedulers.newSingle("the device");
        FaultyDevice late = FaultyDevice.of(
                blank("late", SECTORS, 512), FaultPlan.of(Fault.delayed(Duration.ofNanos(1))), () -> clock);
        Mono<String> thread = Mono.fromSupplier(() -> Thread.currentThread().getName());
        IoRegion from = IoRegion.all(source(SECTORS));
        AtomicBoolean begun = new AtomicBoolean();
        clock.schedule(
                () -> { // nothing is answered while the copy is being started
                    while (!begun.get()) {
                        Thread.onSpinWait();
                    }
                });
        CompletableFuture<String> told = service.copy(from, List.of(IoRegion.all(late)))
                .run()
                .then(thread)
                .toFuture();
        begun.set(true);
        assertThat(told.join()).startsWith("the device");
        assertThat(service.copy(from, List.of(IoRegion.all(blank("leg", SECTORS, 512))))
                        .run()
                        .then(thread)
                        .block())
                .isEqualTo(Thread.currentThread().getName());
        clock.dispose();
    }

    @Test
    void aPausedCopyCountsAsRunningAndACloseWaitsForIt() {
        CopyService service = onePagePieces().copiesMax(1).build();
        MemoryDevice leg = blank("leg", SECTORS, 512);
        Copy copy = service.copy(IoRegion.all(source(SECTORS)), List.of(IoRegion.all(leg)));
        copy.pause();
        AtomicBoolean complete = new AtomicBoolean();
        copy.run().subscribe(result -> complete.set(result.isComplete()));
        StepVerifier.create(service.copy(IoRegion.all(source(SECTORS)), List.of(IoRegion.all(leg)))
                        .run())
                .verifyErrorMatches(Exceptions::isOverflow);
        StepVerifier.create(service.close())
                .expectSubscription()
                .then(() -> assertThat(complete).isFalse())
                .then(copy::resume)
                .verifyComplete();
        assertThat(complete).isTrue();
    }

    @Test
    void devicesAreLeftOpen() {
        CopyService service = onePagePieces().build();
        MemoryDevice source = source(SECTORS);
        MemoryDevice leg = blank("leg", SECTORS, 512);
        CopyFixture.run(service.copy(IoRegion.all(source), List.of(IoRegion.all(leg))));
        service.close().block();
        source.submit(new BlockOp.Flush()).block();
        leg.submit(new BlockOp.Flush()).block();
        assertCopied(leg, 0, 0, SECTORS);
    }

    @Test
    void aDestinationThatCannotBeFlushedSetsItsBit() {
        MemoryDevice leg =
                MemoryDevice.of(blank("leg", SECTORS, 512).info().withCapabilities(EnumSet.noneOf(Capability.class)));
        CopyResult result = CopyFixture.run(onePagePieces()
                .build()
                .copy(
                        IoRegion.all(source(SECTORS)),
                        List.of(IoRegion.all(leg), IoRegion.all(blank("able", SECTORS, 512))),
                        CopyOptions.NONE.withFlush()));
        assertThat(result.errors()).isEqualTo(ErrorBits.ofBits(0b01));
        assertCopied(leg, 0, 0, SECTORS);
    }

    @Test
    void manyThreadsCopyPauseWatchAndThrottleAtOnce() {
        CopyService service = onePagePieces().pages(5).piecesInFlightMax(3).build();
        int copies = 64;
        List<MemoryDevice> legs = new ArrayList<>();
        List<Mono<Boolean>> all = new ArrayList<>();
        for (int i = 0; i < copies; i++) {
            legs.add(blank("leg" + i, 20 * PAGE_SECTORS, 512));
            FaultyDevice late = FaultyDevice.of(
                    legs.get(i), Fault.delayed(Duration.ofNanos(1)).upDown(1, 1));
            Copy copy = service.copy(IoRegion.all(source(20 * PAGE_SECTORS)), List.of(IoRegion.all(late)));
            Mono<Boolean> busy = Flux.range(0, 50)
                    .doOnNext(round -> {
                        copy.pause();
                        copy.resume();
                        service.throttle().percentMax(100 - round).bytesPerSecondMax(Long.MAX_VALUE - round);
                    })
                    .then(Mono.fromRunnable(() -> service.throttle().percentMax(100)))
                    .thenReturn(true)
                    .subscribeOn(Schedulers.parallel());
            Mono<Boolean> watched =
                    copy.progress(Duration.ofMillis(1)).all(now -> now.fraction() <= 1); // before the copy is run
            Mono<Boolean> complete = copy.run().map(CopyResult::isComplete).subscribeOn(Schedulers.parallel());
            all.add(Mono.zip(watched, busy, complete).map(three -> three.getT1() && three.getT2() && three.getT3()));
        }
        StepVerifier.create(Flux.merge(Flux.fromIterable(all), copies).all(right -> right))
                .expectNext(true)
                .expectComplete()
                .verify(Duration.ofSeconds(60));
        assertIdle(service);
        legs.forEach(leg -> assertCopied(leg, 0, 0, 20 * PAGE_SECTORS));
    }
}
