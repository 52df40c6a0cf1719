package io.dmio.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dmio.BlockDevice;
import io.dmio.BlockOp;
import io.dmio.DeviceException;
import io.dmio.DeviceInfo;
import io.dmio.Errno;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;
import reactor.core.publisher.Hooks;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;
import reactor.test.StepVerifier;
import reactor.test.util.RaceTestUtils;

/** How a {@link FaultyDevice} tells of the end: on which thread, and whatever is thrown on the way. */
class FaultyDeviceSignalsTest {

    private final MemoryDevice memory = MemoryDevice.of("memory", 1 << 20);
    private final FaultyDevice device = FaultyDevice.of(memory);
    private final ByteBuf from = Unpooled.directBuffer(4096, 4096).setZero(0, 4096);

    @AfterEach
    void theCallersBufferIsTheCallersAlone() {
        assertThat(from.refCnt()).isOne();
        from.release();
    }

    private Mono<Void> write() {
        return device.submit(new BlockOp.Write(0, from, true));
    }

    @Test
    void signalsComeFromTheThreadThatEndedTheWait() {
        Scheduler clock = Schedulers.newSingle("the clock");
        FaultyDevice slow = FaultyDevice.of(
                memory,
                FaultPlan.of(
                        Fault.delayed(Duration.ofNanos(1)).on(BlockOp.Kind.READ),
                        Fault.stalled().on(BlockOp.Kind.WRITE),
                        Fault.errno(Errno.EIO).on(BlockOp.Kind.DISCARD)),
                () -> clock);
        Mono<String> thread = Mono.fromSupplier(() -> Thread.currentThread().getName());
        String here = Thread.currentThread().getName();
        assertThat(slow.submit(new BlockOp.Flush()).then(thread).block()).isEqualTo(here);
        assertThat(slow.submit(new BlockOp.Discard(0, 1))
                        .onErrorComplete()
                        .then(thread)
                        .block())
                .isEqualTo(here);
        assertThat(slow.submit(new BlockOp.Read(0, Unpooled.buffer(512, 512)))
                        .then(thread)
                        .block())
                .startsWith("the clock");
        StepVerifier.create(slow.submit(new BlockOp.Write(0, from, false))
                        .then(thread)
                        .subscribeOn(Schedulers.parallel()))
                .then(() -> slow.whenStalled(1).block())
                .then(slow::release)
                .expectNext(here)
                .verifyComplete();
        clock.dispose();
    }

    @Test
    void anAnswerAndACancelAtTheSameTimeAreOneEndAtMost() {
        for (int round = 0; round < 500; round++) {
            FaultyDevice stalled = FaultyDevice.of(memory, Fault.stalled());
            AtomicInteger told = new AtomicInteger();
            Disposable running = stalled.submit(new BlockOp.Write(0, from, false))
                    .subscribe(none -> {}, error -> {}, told::incrementAndGet);
            RaceTestUtils.race(stalled::release, running::dispose);
            assertThat(told.get()).isBetween(0, 1);
            assertThat(from.refCnt()).isOne();
        }
    }

    @Test
    void whatADeviceThrowsRatherThanSignalsIsToldAndKeepsNothing() {
        BlockDevice broken = new BlockDevice() {
            @Override
            public DeviceInfo info() {
                return memory.info();
            }

            @Override
            public Mono<Void> submit(BlockOp op) {
                return Mono.fromRunnable(() -> {
                    throw new NoClassDefFoundError("of a driver");
                });
            }

            @Override
            public Mono<Void> close() {
                return Mono.empty();
            }
        };
        FaultyDevice stalled = FaultyDevice.of(broken, Fault.stalled());
        StepVerifier.create(stalled.submit(new BlockOp.Write(0, from, false)))
                .then(stalled::release)
                .verifyErrorSatisfies(error -> assertThat(error)
                        .isInstanceOf(DeviceException.class)
                        .hasCauseInstanceOf(NoClassDefFoundError.class));
        assertThat(from.refCnt()).isOne();
        StepVerifier.create(stalled.close()).expectComplete().verify(Duration.ofSeconds(10));
    }

    @Test
    void whatAListenerThrowsIsNotSwallowed() {
        device.plan(Fault.dropped(), Fault.stalled());
        write().doOnSuccess(done -> {
                    throw new NoClassDefFoundError("of a listener");
                })
                .subscribe();
        assertThatThrownBy(device::release).isInstanceOf(NoClassDefFoundError.class);
        assertThat(from.refCnt()).isOne();
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
    void aReleasedBufferIsAnErrorAndDoesNotKeepTheDeviceOpen() {
        device.plan(Fault.dropped());
        BlockOp write = new BlockOp.Write(0, Unpooled.buffer(512, 512), false);
        ((BlockOp.Write) write).from().release();
        StepVerifier.create(device.submit(write)).verifyError();
        StepVerifier.create(device.close()).expectComplete().verify(Duration.ofSeconds(10));
    }
}
