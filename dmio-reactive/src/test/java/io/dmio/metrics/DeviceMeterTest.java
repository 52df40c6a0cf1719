package io.dmio.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dmio.BlockDevice;
import io.dmio.BlockOp;
import io.dmio.DeviceException;
import io.dmio.DeviceInfo;
import io.dmio.Errno;
import io.dmio.device.Fault;
import io.dmio.device.FaultyDevice;
import io.dmio.device.MemoryDevice;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.test.StepVerifier;
import reactor.test.util.RaceTestUtils;

/** What a {@link DeviceMeter} hears, and that a {@link MeteredDevice} changes nothing else. */
class DeviceMeterTest {

    private static final BlockOp WRITE = new BlockOp.Write(0, Unpooled.buffer(512, 512), false);

    private final FaultyDevice faulty = FaultyDevice.of(MemoryDevice.of("disk", 8));
    private final List<String> heard = Collections.synchronizedList(new ArrayList<>());
    private final MeteredDevice device = MeteredDevice.of(faulty, new Named("meter", heard));

    /** Writes down what it hears. */
    private record Named(String name, List<String> heard) implements DeviceMeter {
        @Override
        public void started(BlockOp op) {
            heard.add(name + " started");
        }

        @Override
        public void ended(BlockOp op, long nanos, Optional<Errno> errno) {
            heard.add(name + " ended" + errno.map(code -> " " + code).orElse(""));
        }

        @Override
        public void cancelled(BlockOp op, long nanos) {
            heard.add(name + " cancelled");
        }
    }

    /** Fails each operation with this. */
    private static BlockDevice failing(Mono<Void> answer) {
        return new BlockDevice() {
            @Override
            public DeviceInfo info() {
                return DeviceInfo.of("broken", 8, "none");
            }

            @Override
            public Mono<Void> submit(BlockOp op) {
                return answer;
            }

            @Override
            public Mono<Void> close() {
                return Mono.empty();
            }
        };
    }

    @Test
    void everyOpStartsAndEndsOnceAlsoOneThatIsRefused() {
        faulty.plan(Fault.errno(Errno.ENOSPC).nth(2));
        device.submit(WRITE).block();
        device.submit(WRITE).onErrorComplete().block();
        device.submit(new BlockOp.Discard(7, 2)).onErrorComplete().block();
        faulty.stall();
        device.submit(WRITE).subscribe().dispose();
        faulty.release();
        assertThat(heard)
                .containsExactly(
                        "meter started",
                        "meter ended",
                        "meter started",
                        "meter ended ENOSPC",
                        "meter started",
                        "meter ended ENOSPC",
                        "meter started",
                        "meter cancelled");
    }

    @Test
    void aFailureWithoutAnErrnoIsEio() {
        MeteredDevice broken =
                MeteredDevice.of(failing(Mono.error(new IllegalStateException())), new Named("meter", heard));
        StepVerifier.create(broken.submit(WRITE)).verifyErrorSatisfies(error -> {
            assertThat(error).isInstanceOf(DeviceException.class).hasCauseInstanceOf(IllegalStateException.class);
            assertThat(((DeviceException) error).errno()).isEqualTo(Errno.EIO);
        });
        assertThat(heard).containsExactly("meter started", "meter ended EIO");
    }

    @Test
    void whatIsThrownRatherThanSignalledEndsTheOpToo() {
        Mono<Void> fatal = Mono.fromRunnable(() -> {
            throw new NoClassDefFoundError("of a driver");
        });
        MeteredDevice broken = MeteredDevice.of(failing(fatal), new Named("meter", heard));
        assertThatThrownBy(() -> broken.submit(WRITE).block())
                .isInstanceOf(DeviceException.class)
                .hasCauseInstanceOf(NoClassDefFoundError.class);
        assertThat(heard).containsExactly("meter started", "meter ended EIO");
    }

    @Test
    void theMeterHearsBeforeTheSubscriber() {
        faulty.plan(Fault.errno(Errno.EIO).nth(2));
        device.submit(WRITE).doOnTerminate(() -> heard.add("subscriber")).block();
        device.submit(WRITE)
                .doOnTerminate(() -> heard.add("subscriber"))
                .onErrorComplete()
                .block();
        assertThat(heard)
                .containsExactly(
                        "meter started", "meter ended", "subscriber", "meter started", "meter ended EIO", "subscriber");
    }

    @Test
    void anAnswerAndACancelAtTheSameTimeEndAnOpOnce() {
        int rounds = 500;
        for (int round = 0; round < rounds; round++) {
            Sinks.Empty<Void> answer = Sinks.empty();
            Disposable running = MeteredDevice.of(failing(answer.asMono()), new Named("meter", heard))
                    .submit(WRITE)
                    .subscribe();
            RaceTestUtils.race(answer::tryEmitEmpty, running::dispose);
        }
        assertThat(heard).hasSize(2 * rounds);
    }

    @Test
    void theMeterIsCalledOnTheThreadsThatSubscribeAnswerAndCancel() {
        List<String> threads = Collections.synchronizedList(new ArrayList<>());
        DeviceMeter watching = new DeviceMeter() {
            @Override
            public void started(BlockOp op) {
                threads.add("started on " + Thread.currentThread().getName());
            }

            @Override
            public void ended(BlockOp op, long nanos, Optional<Errno> errno) {
                threads.add("ended on " + Thread.currentThread().getName());
            }

            @Override
            public void cancelled(BlockOp op, long nanos) {
                threads.add("cancelled on " + Thread.currentThread().getName());
            }
        };
        MeteredDevice watched = MeteredDevice.of(faulty, watching);
        faulty.stall();
        Mono<Void> write = watched.submit(WRITE)
                .doOnSuccess(
                        done -> threads.add("told on " + Thread.currentThread().getName()));
        CountDownLatch told = new CountDownLatch(1);
        on("one", () -> write.doOnSuccess(done -> told.countDown()).subscribe());
        on("two", faulty::release);
        Disposable[] running = new Disposable[1];
        faulty.stall();
        on("three", () -> running[0] = write.subscribe());
        on("four", () -> running[0].dispose());
        faulty.release();
        assertThat(told.getCount()).isZero();
        assertThat(threads)
                .containsExactly(
                        "started on one", "ended on two", "told on two", "started on three", "cancelled on four");
    }

    private static void on(String name, Runnable work) {
        Thread thread = new Thread(work, name);
        thread.start();
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void theTimeIsFromSubscribeToTheAnswerOrTheCancel() {
        List<Long> times = new ArrayList<>();
        DeviceMeter timing = new DeviceMeter() {
            @Override
            public void started(BlockOp op) {}

            @Override
            public void ended(BlockOp op, long nanos, Optional<Errno> errno) {
                times.add(nanos);
            }

            @Override
            public void cancelled(BlockOp op, long nanos) {
                times.add(nanos);
            }
        };
        MeteredDevice timed = MeteredDevice.of(faulty, timing);
        Mono<Void> write = timed.submit(WRITE);
        for (boolean cancel : new boolean[] {false, true}) {
            faulty.stall();
            long before = System.nanoTime();
            Disposable running = write.subscribe();
            long subscribed = System.nanoTime();
            long ending = System.nanoTime();
            if (cancel) {
                running.dispose();
            }
            faulty.release();
            long after = System.nanoTime();
            assertThat(times.get(times.size() - 1)).isBetween(ending - subscribed, after - before);
        }
    }

    @Test
    void twoMetersHearTheSameTheSecondAfterTheFirst() {
        DeviceMeter both = new Named("a", heard).and(new Named("b", heard));
        MeteredDevice twice = MeteredDevice.of(faulty, both);
        twice.submit(WRITE).block();
        faulty.stall();
        twice.submit(WRITE).subscribe().dispose();
        faulty.release();
        assertThat(heard)
                .containsExactly(
                        "a started",
                        "b started",
                        "a ended",
                        "b ended",
                        "a started",
                        "b started",
                        "a cancelled",
                        "b cancelled");
    }

    @Test
    void aMeteredDeviceHasTheDescriptionTheExtentsAndTheEndOfTheOneBehind() {
        assertThat(device.info()).isSameAs(faulty.info());
        device.submit(WRITE).block();
        heard.clear();
        assertThat(device.extents(0, 8).block())
                .isEqualTo(faulty.extents(0, 8).block())
                .isNotEmpty();
        assertThat(heard).isEmpty();
        device.close().block();
        StepVerifier.create(faulty.submit(WRITE))
                .verifyErrorSatisfies(
                        error -> assertThat(((DeviceException) error).errno()).isEqualTo(Errno.ESHUTDOWN));
    }

    @Test
    void noMeterIsAlwaysTheSame() {
        assertThat(DeviceMeter.none()).isSameAs(DeviceMeter.none());
        MeteredDevice.of(faulty, DeviceMeter.none()).submit(WRITE).block();
    }

    @Test
    @SuppressWarnings("NullAway") // that is what is tested
    void nullsAreRefusedAtOnce() {
        assertThatThrownBy(() -> MeteredDevice.of(null, DeviceMeter.none())).isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> MeteredDevice.of(faulty, null)).isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> device.submit(null)).isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> DeviceMeter.none().and(null)).isInstanceOf(NullPointerException.class);
    }
}
