package io.dmio.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.dmio.BlockOp;
import io.dmio.DeviceException;
import io.dmio.DmIo;
import io.dmio.Errno;
import io.dmio.ErrorBits;
import io.dmio.IoRegion;
import io.dmio.VmBuffer;
import io.dmio.testkit.DeviceFixture;
import io.dmio.testkit.ManualDevice;
import io.netty.buffer.ByteBuf;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;
import reactor.core.scheduler.Scheduler;
import reactor.test.StepVerifier;
import reactor.test.scheduler.VirtualTimeScheduler;
import reactor.test.util.RaceTestUtils;
import reactor.util.context.Context;

/** A leg that hangs: told of in time, by its own bit, while its memory stays held. */
class DeadlineDeviceTest extends DeviceFixture {

    private static final Duration DEADLINE = Duration.ofSeconds(3);

    private final VirtualTimeScheduler clock = VirtualTimeScheduler.create();
    private final ManualDevice hung = ManualDevice.of("hung", 64);
    private final DeadlineDevice device = DeadlineDevice.of(hung, DEADLINE).withScheduler(() -> clock);

    @Test
    void aLegThatHangsSetsItsOwnBitAloneAndItsMemoryStaysHeld() {
        MemoryDevice good = MemoryDevice.of("good", 64);
        DmIo io = DmIo.create().get(4);
        ByteBuf bytes = filled(512, 1);
        AtomicReference<ErrorBits> told = new AtomicReference<>();
        io.write(List.of(new IoRegion(good, 0, 1), new IoRegion(device, 0, 1)), VmBuffer.of(bytes))
                .subscribe(told::set);
        clock.advanceTimeBy(DEADLINE.minusNanos(1));
        assertThat(told).hasValue(null);
        clock.advanceTimeBy(Duration.ofNanos(1));
        assertThat(told).hasValue(ErrorBits.ofBits(0b10));
        assertThat(Objects.requireNonNull(told.get()).cause(1).orElseThrow())
                .hasMessage("ETIMEDOUT: hung: write of sectors [0, 1): no answer in 3000 ms; it may be done yet");
        assertThat(bytes.refCnt()).as("the device has it").isEqualTo(2);
        assertThat(device.overdueCount()).isOne();
        assertThat(io.budget().inUse()).isZero();

        hung.answer(0);
        assertThat(bytes.refCnt()).isEqualTo(1);
        assertThat(device.overdueCount()).isZero();
        io.close().block(PATIENCE);
    }

    @Test
    void aLateReadDoesNotTouchTheMemoryThatItWasMeantFor() {
        ByteBuf into = memory(512);
        AtomicReference<Throwable> told = new AtomicReference<>();
        device.submit(new BlockOp.Read(0, into)).subscribe(done -> {}, told::set);
        clock.advanceTimeBy(DEADLINE);
        assertThat(told.get())
                .isInstanceOfSatisfying(
                        DeviceException.class, late -> assertThat(late.errno()).isEqualTo(Errno.ETIMEDOUT));
        assertThat(into.refCnt()).as("free for another leg").isEqualTo(1);
        hung.answer(0); // fills what it was given
        assertThat(zeroes(into, 0, 1)).isTrue();
        assertThat(device.overdueCount()).isZero();
    }

    @Test
    void anAnswerInTimeIsPassedOnAndItsTimerIsGone() {
        ByteBuf into = memory(512);
        AtomicInteger done = new AtomicInteger();
        device.submit(new BlockOp.Read(0, into)).subscribe(never -> {}, thrown -> {}, done::incrementAndGet);
        hung.answer(0);
        assertThat(done).hasValue(1);
        assertThat(into.getByte(511)).isEqualTo((byte) 0x5A);
        clock.advanceTimeBy(DEADLINE.multipliedBy(2));
        assertThat(device.overdueCount()).isZero();
    }

    @Test
    void aDeviceThatOwesTooMuchIsAskedForNothingUntilItAnswers() {
        DeadlineDevice two = device.withOverdueMax(2);
        List<Throwable> told = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            two.submit(new BlockOp.Flush()).subscribe(done -> {}, told::add);
        }
        clock.advanceTimeBy(DEADLINE);
        assertThat(told).hasSize(2);
        StepVerifier.create(two.submit(new BlockOp.Flush()))
                .expectErrorMessage(
                        "ETIMEDOUT: hung: flush: it owes 2 answers, and is asked for nothing until it gives one")
                .verify(PATIENCE);
        assertThat(hung.ops()).hasSize(2);
        hung.fail(1, Errno.EIO); // late, and told to nobody
        two.submit(new BlockOp.Flush()).subscribe(done -> {}, told::add);
        assertThat(hung.ops()).hasSize(3);
        hung.answer(2);
        hung.answer(0);
        assertThat(two.overdueCount()).isZero();
        assertThat(told).hasSize(2);
    }

    @Test
    void aCancelReachesTheDeviceAndFreesWhatIsHeldHere() {
        ByteBuf into = memory(512);
        Disposable read = device.submit(new BlockOp.Read(0, into)).subscribe();
        assertThat(into.refCnt()).isEqualTo(2);
        read.dispose();
        assertThat(into.refCnt()).isEqualTo(1);
        assertThat(hung.detached()).isOne();
        clock.advanceTimeBy(DEADLINE);
        assertThat(device.overdueCount()).isZero();
        hung.answer(0);
    }

    @Test
    void answerDeadlineAndCancelRaceForOneEndAndNothingIsLost() {
        for (int round = 0; round < 3000; round++) {
            AtomicReference<Runnable> deadline = new AtomicReference<>();
            AtomicReference<MonoSink<Void>> answer = new AtomicReference<>();
            AtomicInteger ends = new AtomicInteger();
            DeadlineDevice raced = DeadlineDevice.of(asked(answer), DEADLINE).withScheduler(() -> byHand(deadline));
            ByteBuf into = memory(512);
            Disposable running = raced.submit(new BlockOp.Read(0, into))
                    .doOnTerminate(ends::incrementAndGet)
                    .subscribe(done -> {}, late -> {}, () -> {}, Context.of("reactor.onErrorDropped.local", (Consumer<
                                    Throwable>)
                            late -> {})); // by the cancel
            if (round % 2 == 0) {
                RaceTestUtils.race(
                        () -> Objects.requireNonNull(deadline.get()).run(),
                        () -> Objects.requireNonNull(answer.get()).success());
                assertThat(ends).hasValue(1);
                assertThat(raced.overdueCount()).isZero();
            } else {
                RaceTestUtils.race(() -> Objects.requireNonNull(deadline.get()).run(), running::dispose);
                assertThat(ends).hasValueLessThanOrEqualTo(1);
            }
            assertThat(into.refCnt()).isEqualTo(1);
        }
    }

    @Test
    void closingErrorsInTimeAndGoesOn() {
        AtomicReference<MonoSink<Void>> closed = new AtomicReference<>();
        MemoryDevice real = MemoryDevice.of("real", 8);
        DeadlineDevice hanging = DeadlineDevice.of(
                        new io.dmio.BlockDevice() {
                            @Override
                            public io.dmio.DeviceInfo info() {
                                return real.info();
                            }

                            @Override
                            public Mono<Void> submit(BlockOp op) {
                                return real.submit(op);
                            }

                            @Override
                            public Mono<Void> close() {
                                return Mono.create(closed::set);
                            }
                        },
                        DEADLINE)
                .withScheduler(() -> clock);
        StepVerifier.create(hanging.close())
                .then(() -> clock.advanceTimeBy(DEADLINE))
                .expectErrorMessage("ETIMEDOUT: real: close: no answer in 3000 ms")
                .verify(PATIENCE);
        AtomicInteger again = new AtomicInteger();
        hanging.close().subscribe(done -> {}, late -> {}, again::incrementAndGet);
        Objects.requireNonNull(closed.get()).success();
        assertThat(again).hasValue(1);
    }

    @Test
    void aDeadlineIsMoreThanNothing() {
        assertThatIllegalArgumentException().isThrownBy(() -> DeadlineDevice.of(hung, Duration.ZERO));
        assertThatIllegalArgumentException().isThrownBy(() -> device.withOverdueMax(0));
    }

    private static io.dmio.BlockDevice asked(AtomicReference<MonoSink<Void>> answer) {
        ManualDevice info = ManualDevice.of("raced", 64);
        return new io.dmio.BlockDevice() {
            @Override
            public io.dmio.DeviceInfo info() {
                return info.info();
            }

            @Override
            public Mono<Void> submit(BlockOp op) {
                return Mono.create(answer::set);
            }

            @Override
            public Mono<Void> close() {
                return Mono.empty();
            }
        };
    }

    private static Scheduler byHand(AtomicReference<Runnable> deadline) {
        return new Scheduler() {
            @Override
            public Disposable schedule(Runnable task) {
                throw new UnsupportedOperationException();
            }

            @Override
            public Disposable schedule(Runnable task, long delay, java.util.concurrent.TimeUnit unit) {
                deadline.set(task);
                return () -> {};
            }

            @Override
            public Worker createWorker() {
                throw new UnsupportedOperationException();
            }
        };
    }

    @Test
    void theLongestDeadlineIsOne() {
        Duration forEver = Duration.ofSeconds(Long.MAX_VALUE);
        DeadlineDevice patient = DeadlineDevice.of(MemoryDevice.of("memory", 8), forEver);
        StepVerifier.create(patient.submit(new BlockOp.Flush())).verifyComplete();
        StepVerifier.create(patient.extents(0, 8)).expectNextCount(1).verifyComplete();
        StepVerifier.create(patient.close()).verifyComplete();
    }
}
