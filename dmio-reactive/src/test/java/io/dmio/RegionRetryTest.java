package io.dmio;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.device.Fault;
import io.dmio.device.FaultyDevice;
import io.dmio.device.MemoryDevice;
import io.dmio.testkit.ManualDevice;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;
import reactor.core.publisher.Sinks;
import reactor.test.StepVerifier;
import reactor.util.retry.Retry;

/** Only the regions that failed are done again, and the bits are those of the request. */
class RegionRetryTest {

    private final DmIo io = DmIo.create().get(16);
    private final VmBuffer memory = VmBuffer.of(new byte[512]);

    @AfterEach
    void nothingIsLeft() {
        StepVerifier.create(io.close()).verifyComplete();
        assertThat(io.budget().inUse()).isZero();
    }

    @Test
    void whatFailedIsDoneAgainAndNothingElse() {
        FaultyDevice good = FaultyDevice.of(MemoryDevice.of("good", 8));
        FaultyDevice once = failing("once", 1);
        FaultyDevice thrice = failing("thrice", 3);
        StepVerifier.create(RegionRetry.run(io, write(good, once, thrice), Retry.max(5)))
                .expectNext(ErrorBits.NONE)
                .verifyComplete();
        assertThat(good.ops(BlockOp.Kind.WRITE)).isEqualTo(1);
        assertThat(once.ops(BlockOp.Kind.WRITE)).isEqualTo(2);
        assertThat(thrice.ops(BlockOp.Kind.WRITE)).isEqualTo(4);
    }

    @Test
    void whatFailsToTheEndIsItsOwnBitOfTheRequest() {
        FaultyDevice good = FaultyDevice.of(MemoryDevice.of("good", 8));
        FaultyDevice once = failing("once", 1);
        FaultyDevice never = FaultyDevice.of(MemoryDevice.of("never", 8), Fault.errno(Errno.ENODATA));
        StepVerifier.create(RegionRetry.run(io, write(once, good, never), Retry.max(2)))
                .assertNext(bits -> {
                    assertThat(bits).isEqualTo(ErrorBits.ofBits(0b100));
                    assertThat(bits.cause(2).orElseThrow().device()).isEqualTo("never");
                })
                .verifyComplete();
        assertThat(never.ops(BlockOp.Kind.WRITE)).isEqualTo(3);
    }

    @Test
    void aFilterSeesTheErrnoAndWhatItLeavesIsTold() {
        FaultyDevice full = FaultyDevice.of(MemoryDevice.of("full", 8), Fault.errno(Errno.ENOSPC));
        Retry busy =
                Retry.max(9).filter(error -> error instanceof DeviceException failed && failed.errno() == Errno.EBUSY);
        StepVerifier.create(RegionRetry.run(io, write(full), busy))
                .expectNext(ErrorBits.ofBits(0b1))
                .verifyComplete();
        assertThat(full.ops(BlockOp.Kind.WRITE)).isEqualTo(1);
    }

    @Test
    void aClosedClientIsAnErrorAndNotTriedAgain() {
        DmIo closed = DmIo.create().get(1);
        closed.close().block();
        int[] asked = {0};
        StepVerifier.create(RegionRetry.run(
                        closed, write(MemoryDevice.of("disk", 8)), Retry.max(9).doBeforeRetry(again -> asked[0]++)))
                .expectError(IllegalStateException.class)
                .verify();
        assertThat(asked[0]).isZero();
    }

    @Test
    void eachSubscriptionBeginsWithAllRegions() {
        FaultyDevice once = failing("once", 1);
        var run = RegionRetry.run(io, write(once, MemoryDevice.of("other", 8)), Retry.max(1));
        StepVerifier.create(run).expectNext(ErrorBits.NONE).verifyComplete();
        StepVerifier.create(run).expectNext(ErrorBits.NONE).verifyComplete();
        assertThat(once.ops(BlockOp.Kind.WRITE)).isEqualTo(3);
    }

    @Test
    void aPauseIsEndedByACancel() {
        StepVerifier.withVirtualTime(
                        () -> RegionRetry.run(io, write(failing("once", 1)), Retry.fixedDelay(1, Duration.ofHours(1))))
                .expectSubscription()
                .expectNoEvent(Duration.ofMinutes(59))
                .thenAwait(Duration.ofMinutes(1))
                .expectNext(ErrorBits.NONE)
                .verifyComplete();
        ManualDevice disk = ManualDevice.of("disk", 8);
        Disposable waiting = RegionRetry.run(io, write(disk), Retry.fixedDelay(1, Duration.ofHours(1)))
                .subscribe();
        disk.fail(0, Errno.EIO);
        waiting.dispose();
        assertThat(disk.ops()).hasSize(1);
    }

    @Test
    void whatFailedByAFlushIsNotDoneAgainAsTheNextFlushWouldHideTheLoss() {
        WriteOptions preflush = WriteOptions.NONE.withPreflush();
        WriteOptions forced = WriteOptions.NONE.withFua();
        for (Function<IoRegion, IoRequest> request : List.<Function<IoRegion, IoRequest>>of(
                region -> IoRequest.flush(List.of(region)),
                region -> IoRequest.write(List.of(region), memory, preflush),
                region -> IoRequest.write(List.of(region), memory, forced))) {
            FaultyDevice lossy = FaultyDevice.of(
                    MemoryDevice.of(DeviceInfo.of("lossy", 8, "memory").withCapabilities(List.of(Capability.FLUSH))),
                    Fault.errno(Errno.EIO).on(BlockOp.Kind.FLUSH).first(1));
            StepVerifier.create(RegionRetry.run(io, request.apply(new IoRegion(lossy, 0, 1)), Retry.max(5)))
                    .expectNext(ErrorBits.ofBits(0b1))
                    .verifyComplete();
            assertThat(lossy.ops(BlockOp.Kind.FLUSH)).isEqualTo(1);
        }
    }

    @Test
    void ofRegionsThatFailedByAFlushAndOthersTheOthersAreDoneAgain() {
        FaultyDevice lossy = FaultyDevice.of(
                MemoryDevice.of("lossy", 8),
                Fault.errno(Errno.EIO).on(BlockOp.Kind.FLUSH).first(1));
        FaultyDevice twice = failing("twice", 2, BlockOp.Kind.WRITE);
        IoRequest request = IoRequest.write(
                List.of(new IoRegion(lossy, 0, 1), new IoRegion(twice, 0, 1)),
                memory,
                WriteOptions.NONE.withPreflush());
        StepVerifier.create(RegionRetry.run(io, request, Retry.max(5)))
                .assertNext(bits -> {
                    assertThat(bits).isEqualTo(ErrorBits.ofBits(0b1));
                    assertThat(bits.cause(0).orElseThrow().during(BlockOp.Kind.FLUSH))
                            .isTrue();
                })
                .verifyComplete();
        assertThat(lossy.ops(BlockOp.Kind.WRITE)).isZero();
        assertThat(twice.ops(BlockOp.Kind.WRITE)).isEqualTo(3);
    }

    private static FaultyDevice failing(String name, int times, BlockOp.Kind kind) {
        return FaultyDevice.of(
                MemoryDevice.of(name, 8), Fault.errno(Errno.EIO).on(kind).first(times));
    }

    private static FaultyDevice failing(String name, int times) {
        return FaultyDevice.of(MemoryDevice.of(name, 8), Fault.errno(Errno.EIO).first(times));
    }

    private IoRequest write(BlockDevice... devices) {
        return IoRequest.write(
                List.of(devices).stream()
                        .map(device -> new IoRegion(device, 0, 1))
                        .toList(),
                memory,
                WriteOptions.NONE);
    }

    @Test
    void aRetryThatIsOverTellsWhatIsLeft() {
        FaultyDevice never = FaultyDevice.of(MemoryDevice.of("never", 8), Fault.errno(Errno.EIO));
        Retry twice = Retry.from(failures -> failures.take(2)); // completes, rather than to fail
        StepVerifier.create(RegionRetry.run(io, write(never), twice))
                .assertNext(bits -> assertThat(bits).isEqualTo(ErrorBits.ofBits(0b1)))
                .verifyComplete();
    }

    @Test
    void aRetryThatIsOverWhileTheFirstTryRunsIsNoSuccess() {
        ManualDevice disk = ManualDevice.of("disk", 8);
        Sinks.Empty<Long> over = Sinks.empty();
        List<ErrorBits> told = new ArrayList<>();
        RegionRetry.run(io, write(disk), Retry.from(failures -> over.asMono())).subscribe(told::add);
        over.tryEmitEmpty();
        assertThat(told).containsExactly(ErrorBits.ofBits(0b1));
        assertThat(told.get(0).cause(0).orElseThrow().errno()).isEqualTo(Errno.ECANCELED);
        disk.answer(0); // it runs out
    }
}
