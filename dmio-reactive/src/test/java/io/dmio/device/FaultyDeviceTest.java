package io.dmio.device;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.BlockOp;
import io.dmio.DeviceException;
import io.dmio.Errno;
import io.dmio.testkit.Patterns;
import io.dmio.testkit.Seed;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Hooks;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;
import reactor.test.StepVerifier;
import reactor.test.scheduler.VirtualTimeScheduler;

/** What reaches the device, and what the caller is told, under each fault. */
@ExtendWith(Seed.class)
class FaultyDeviceTest {

    private static final byte[] OLD = Patterns.bytes(0, 8, 1);
    private static final byte[] NEW = Patterns.bytes(0, 8, 2);

    private final MemoryDevice memory = MemoryDevice.of("memory", 1 << 20);
    private final FaultyDevice device = FaultyDevice.of(memory);
    private final ByteBuf from = Unpooled.directBuffer(4096, 4096).setBytes(0, NEW);

    @AfterEach
    void theCallersBufferIsAsItWas() {
        assertThat(from.refCnt()).isOne();
        assertThat(List.of(from.readerIndex(), from.writerIndex())).containsExactly(0, 0);
        Patterns.check(from, 0, 2);
        from.release();
    }

    @Test
    void anErrnoReachesTheCallerWithDeviceAndSectorAndNotTheDevice() {
        device.plan(Fault.errno(Errno.EREMOTEIO).on(BlockOp.Kind.WRITE));
        memory.load(0, OLD);
        StepVerifier.create(write())
                .verifyErrorMessage("EREMOTEIO: memory: write of sectors [0, 8): as the fault plan says");
        assertThat(memory.snapshot(0, 8)).isEqualTo(OLD);
        device.submit(new BlockOp.Flush()).block();
        assertThat(List.of(device.ops(), device.ops(BlockOp.Kind.FLUSH), device.interferences()))
                .containsExactly(2L, 1L, 1L);
    }

    @Test
    void aTornWriteLeavesTheTailAsItWas() {
        device.plan(Fault.torn(3, Errno.EIO));
        memory.load(0, OLD);
        StepVerifier.create(write()).verifyErrorSatisfies(error -> assertErrno(error, Errno.EIO));
        assertTornAt(3);
    }

    @Test
    void aTornWriteMayBeAcknowledged() {
        device.plan(Fault.tornUnnoticed(5));
        memory.load(0, OLD);
        StepVerifier.create(write()).verifyComplete();
        assertTornAt(5);
    }

    @Test
    void aTearIsRoundedDownToWholeBlocks() {
        MemoryDevice blocks = MemoryDevice.of(memory.info().withBlocks(2048, 4096));
        blocks.load(0, OLD);
        StepVerifier.create(FaultyDevice.of(blocks, Fault.torn(7, Errno.EIO)).submit(new BlockOp.Write(0, from, false)))
                .verifyErrorSatisfies(error -> assertErrno(error, Errno.EIO));
        Patterns.check(Unpooled.wrappedBuffer(blocks.snapshot(0, 4)), 0, 2);
        Patterns.check(Unpooled.wrappedBuffer(blocks.snapshot(4, 4)), 4, 1);
    }

    @Test
    void tornDiscardsAndWriteZeroesClearTheirHeadOnly() {
        device.plan(Fault.torn(2, Errno.EIO));
        for (BlockOp op : List.of(new BlockOp.Discard(0, 8), new BlockOp.WriteZeroes(0, 8))) {
            memory.load(0, OLD);
            StepVerifier.create(device.submit(op)).verifyErrorSatisfies(error -> assertErrno(error, Errno.EIO));
            assertThat(memory.snapshot(0, 2)).containsOnly(0);
            Patterns.check(Unpooled.wrappedBuffer(memory.snapshot(2, 6)), 2, 1);
        }
    }

    @Test
    void aDroppedWriteIsAcknowledgedAndLost() {
        device.plan(Fault.dropped());
        memory.load(0, OLD);
        StepVerifier.create(write()).verifyComplete();
        StepVerifier.create(device.submit(new BlockOp.Flush())).verifyComplete();
        Patterns.check(read(), 0, 1);
    }

    @Test
    void aByteFlippedOnReadIsWrongForTheCallerOnly() {
        device.plan(Fault.flipped(1000).on(BlockOp.Kind.READ));
        write().block();
        ByteBuf into = read();
        assertThat(into.getByte(1000)).isEqualTo((byte) ~NEW[1000]);
        Patterns.check(into.setByte(1000, NEW[1000]), 0, 2);
        assertThat(memory.snapshot(0, 8)).isEqualTo(NEW);
    }

    @Test
    void aByteOverwrittenOnWriteIsWrongOnTheDeviceOnly() {
        device.plan(Fault.overwritten(4095, 0x5A).on(BlockOp.Kind.WRITE));
        write().block();
        byte[] expected = NEW.clone();
        expected[4095] = 0x5A;
        assertThat(memory.snapshot(0, 8)).isEqualTo(expected);
    }

    @Test
    void anOpTooShortToHaveTheByteIsNotCorrupted() {
        device.plan(Fault.flipped(4096));
        write().block();
        Patterns.check(read(), 0, 2);
    }

    @Test
    void aMisdirectedWriteLandsElsewhereUnlessThatIsOffTheDevice() {
        device.plan(Fault.misdirected(16).on(BlockOp.Kind.WRITE));
        write().block();
        Patterns.check(Unpooled.wrappedBuffer(memory.snapshot(16, 8)), 0, 2);
        assertThat(memory.snapshot(0, 8)).containsOnly(0);
        device.plan(Fault.misdirected(-16).on(BlockOp.Kind.WRITE));
        write().block();
        Patterns.check(Unpooled.wrappedBuffer(memory.snapshot(0, 8)), 0, 2);
    }

    @Test
    void aBadSectorIsHealedByWritingIt() {
        device.plan(Fault.badSectors(7, 1));
        StepVerifier.create(device.submit(new BlockOp.Read(0, Unpooled.buffer(4096, 4096))))
                .verifyErrorSatisfies(error -> assertErrno(error, Errno.EIO));
        write().block();
        Patterns.check(read(), 0, 2);
    }

    @Test
    void delayedOpsEndInTheOrderOfTheirDelays() {
        List<Long> ended = new ArrayList<>();
        StepVerifier.withVirtualTime(() -> {
                    FaultyDevice slow = FaultyDevice.of(
                            memory,
                            Fault.delayed(Duration.ofMillis(30)).within(0, 8),
                            Fault.delayed(Duration.ofMillis(10)).within(8, 8));
                    return Flux.just(0L, 8L, 16L)
                            .flatMap(sector -> slow.submit(new BlockOp.Write(sector, from, false))
                                    .doOnSuccess(done -> ended.add(sector)));
                })
                .expectSubscription()
                .then(() -> assertThat(ended).containsExactly(16L))
                .thenAwait(Duration.ofMillis(10))
                .then(() -> assertThat(ended).containsExactly(16L, 8L))
                .then(() -> assertThat(memory.snapshot(0, 8)).containsOnly(0))
                .thenAwait(Duration.ofMillis(20))
                .verifyComplete();
        assertThat(ended).containsExactly(16L, 8L, 0L);
    }

    @Test
    void aDeviceGoesDownAndUpWithTheSchedulersClock() {
        StepVerifier.withVirtualTime(() -> {
                    FaultyDevice flaky = FaultyDevice.of(
                            memory, Fault.errno(Errno.EIO).upDown(Duration.ofSeconds(3), Duration.ofSeconds(2)));
                    return Flux.interval(Duration.ofSeconds(1))
                            .take(7)
                            .concatMap(second -> flaky.submit(new BlockOp.Flush())
                                    .thenReturn("up")
                                    .onErrorReturn("down"));
                })
                .thenAwait(Duration.ofSeconds(7))
                .expectNext("up", "up", "down", "down", "up", "up", "up")
                .verifyComplete();
    }

    @Test
    void stalledOpsGoOnInTheOrderTheyCame() {
        device.stall();
        List<Integer> ended = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            int number = i;
            Disposable unused = write().doOnSuccess(done -> ended.add(number)).subscribe();
        }
        assertThat(device.stalledCount()).isEqualTo(5);
        assertThat(memory.allocatedBytes()).isZero();
        device.release(2);
        assertThat(ended).containsExactly(0, 1);
        device.release();
        assertThat(ended).containsExactly(0, 1, 2, 3, 4);
        write().block();
    }

    @Test
    void cancelWhileStalledLeavesTheOpToRunOut() {
        device.stall();
        write().subscribe().dispose();
        assertThat(from.refCnt()).isEqualTo(2);
        assertThat(device.stalledCount()).isOne();
        device.release();
        assertThat(from.refCnt()).isOne();
        assertThat(memory.snapshot(0, 8)).isEqualTo(NEW);
    }

    @Test
    void cancelWhileDelayedLeavesTheOpToRunOut() {
        VirtualTimeScheduler clock = VirtualTimeScheduler.create();
        FaultPlan plan = FaultPlan.of(Fault.torn(4, Errno.EIO), Fault.delayed(Duration.ofHours(1)));
        memory.load(0, OLD);
        FaultyDevice.of(memory, plan, () -> clock)
                .submit(new BlockOp.Write(0, from, false))
                .subscribe()
                .dispose();
        clock.advanceTimeBy(Duration.ofMinutes(59));
        assertThat(from.refCnt()).isEqualTo(2);
        clock.advanceTimeBy(Duration.ofMinutes(1));
        assertThat(from.refCnt()).isOne();
        assertTornAt(4);
    }

    @Test
    void anErrorNobodyListensToIsNotReportedAsDropped() {
        List<Throwable> dropped = new ArrayList<>();
        Hooks.onErrorDropped(dropped::add);
        device.plan(Fault.errno(Errno.EIO), Fault.stalled());
        write().subscribe().dispose();
        device.release();
        Hooks.resetOnErrorDropped();
        assertThat(dropped).isEmpty();
        assertThat(device.stalledCount()).isZero();
    }

    @Test
    void aStallInThePlanHoldsOnlyWhatItConcerns() {
        device.plan(Fault.stalled().on(BlockOp.Kind.WRITE).nth(1));
        StepVerifier.create(write())
                .then(() -> write().block())
                .then(() -> assertThat(device.stalledCount()).isOne())
                .then(device::release)
                .verifyComplete();
    }

    @Test
    void aSubmitFromWithinAReleaseIsNotHeld() {
        device.stall();
        AtomicInteger ended = new AtomicInteger();
        Disposable unused =
                write().then(write()).repeat(1000).count().subscribe(count -> ended.set(count.intValue() + 1));
        device.release();
        assertThat(ended).hasValue(1);
        assertThat(device.ops()).isEqualTo(2002);
    }

    @Test
    void whoWaitsForAStallIsToldByItsLastOp() {
        device.stall();
        StepVerifier.create(device.whenStalled(3))
                .then(() -> write().subscribe())
                .then(() -> write().subscribe())
                .then(() -> assertThat(device.stalledCount()).isEqualTo(2))
                .then(() -> write().subscribe())
                .verifyComplete();
        StepVerifier.create(device.whenStalled(2)).verifyComplete();
        device.release();
    }

    @Test
    void closeWaitsForStalledOpsAndRefusesNewOnes() {
        device.stall();
        Disposable unused = write().subscribe();
        StepVerifier.create(device.close())
                .then(() ->
                        StepVerifier.create(write()).verifyErrorSatisfies(error -> assertErrno(error, Errno.ESHUTDOWN)))
                .then(() -> assertThat(memory.snapshot(0, 8)).containsOnly(0))
                .then(device::release)
                .verifyComplete();
        assertThat(memory.allocatedBytes()).isZero();
        StepVerifier.create(write()).verifyErrorSatisfies(error -> assertErrno(error, Errno.ESHUTDOWN));
    }

    @Test
    void aRefusedOpIsNeverShownToThePlan() {
        device.plan(Fault.errno(Errno.EIO).nth(1));
        StepVerifier.create(device.submit(new BlockOp.Discard(1 << 20, 1)))
                .verifyErrorSatisfies(error -> assertErrno(error, Errno.ENOSPC));
        assertThat(device.ops()).isZero();
        StepVerifier.create(write()).verifyErrorSatisfies(error -> assertErrno(error, Errno.EIO));
    }

    @Test
    void retryingIsANewOp() {
        device.plan(Fault.errno(Errno.EIO).first(2));
        StepVerifier.create(write().retry(2)).verifyComplete();
        assertThat(memory.snapshot(0, 8)).isEqualTo(NEW);
    }

    @Test
    void everyOpEndsOnceWhateverThePlanWhenManyThreadsSubmit() {
        device.plan(
                Fault.errno(Errno.EIO).chance(0.2, 1),
                Fault.stalled().chance(0.2, 2),
                Fault.dropped().chance(0.2, 3),
                Fault.flippedAtRandom(4).chance(0.2, 4),
                Fault.delayed(Duration.ofNanos(1000)).chance(0.2, 5));
        Mono<Long> all = Flux.range(0, 2000)
                .flatMap(i -> write().thenReturn(1).onErrorReturn(0).subscribeOn(Schedulers.parallel()), 2000)
                .count();
        Mono<Long> releasing = Mono.fromRunnable(device::release)
                .repeat(() -> true)
                .subscribeOn(Schedulers.boundedElastic())
                .then(Mono.<Long>empty());
        StepVerifier.create(Mono.firstWithValue(all, releasing))
                .expectNext(2000L)
                .verifyComplete();
        device.release();
        device.close().block();
    }

    private Mono<Void> write() {
        return device.submit(new BlockOp.Write(0, from, true));
    }

    private ByteBuf read() {
        ByteBuf into = Unpooled.buffer(4096, 4096);
        device.submit(new BlockOp.Read(0, into)).block();
        return into;
    }

    private void assertTornAt(int kept) {
        Patterns.check(Unpooled.wrappedBuffer(memory.snapshot(0, kept)), 0, 2);
        Patterns.check(Unpooled.wrappedBuffer(memory.snapshot(kept, 8 - kept)), kept, 1);
    }

    private static void assertErrno(Throwable error, Errno errno) {
        assertThat(((DeviceException) error).errno()).isEqualTo(errno);
    }
}
