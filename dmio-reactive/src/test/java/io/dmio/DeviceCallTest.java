package io.dmio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.dmio.device.Fault;
import io.dmio.device.FaultyDevice;
import io.dmio.device.MemoryDevice;
import io.dmio.metrics.DeviceMeter;
import io.dmio.metrics.MeteredDevice;
import io.dmio.testkit.ManualDevice;
import io.netty.buffer.ByteBuf;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;
import reactor.util.context.Context;

/** Whoever holds something until a device has answered hears of every end, whatever the device does. */
class DeviceCallTest {

    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final Context QUIET = Context.of("reactor.onErrorDropped.local", (Consumer<Throwable>) late -> {});

    static Stream<Arguments> waysToFail() {
        Throwable what = new NoClassDefFoundError("of a driver");
        return LegEndsTest.failures().entrySet().stream()
                .map(how -> Arguments.of(how.getKey(), how.getValue().apply(what)));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("waysToFail")
    void whateverTheDeviceFailsWithIsOneErrorWithAnErrno(String how, Supplier<Mono<Void>> bad) {
        StepVerifier.create(DeviceCall.of(BadDevices.device(op -> bad.get()), new BlockOp.Flush())
                        .doOnError(error -> {}) // throws what is fatal
                        .contextWrite(QUIET))
                .expectErrorSatisfies(error -> assertThat(error)
                        .isInstanceOf(DeviceException.class)
                        .hasCauseInstanceOf(NoClassDefFoundError.class))
                .verify(PATIENCE);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("waysToFail")
    void aMeterCountsItsEnd(String how, Supplier<Mono<Void>> bad) {
        AtomicInteger inFlight = new AtomicInteger();
        BlockDevice metered = MeteredDevice.of(BadDevices.device(op -> bad.get()), new DeviceMeter() {
            @Override
            public void started(BlockOp op) {
                inFlight.incrementAndGet();
            }

            @Override
            public void ended(BlockOp op, long nanos, Optional<Errno> errno) {
                inFlight.decrementAndGet();
            }

            @Override
            public void cancelled(BlockOp op, long nanos) {}
        });
        StepVerifier.create(metered.submit(new BlockOp.Flush()).contextWrite(QUIET))
                .expectError(DeviceException.class)
                .verify(PATIENCE);
        assertThat(inFlight).hasValue(0);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("waysToFail")
    void whatAFaultyDeviceHoldsItGivesBack(String how, Supplier<Mono<Void>> bad) {
        for (Fault fault : List.of(
                Fault.delayed(Duration.ofNanos(1)), Fault.flipped(7), Fault.tornUnnoticed(1), Fault.stalled())) {
            FaultyDevice faulty = FaultyDevice.of(BadDevices.device(op -> bad.get()), fault);
            ByteBuf page = PagePool.shared().allocate(4096);
            var write = faulty.submit(new BlockOp.Write(0, page, false))
                    .contextWrite(QUIET)
                    .toFuture();
            faulty.release();
            StepVerifier.create(Mono.fromFuture(write))
                    .expectError(DeviceException.class)
                    .verify(PATIENCE);
            faulty.close().block(PATIENCE);
            assertThat(page.refCnt()).isEqualTo(1);
            page.release();
        }
    }

    @Test
    void anErrorThatCannotBePutIntoWordsIsOneEnd() {
        for (Mono<Void> bad : List.<Mono<Void>>of(Mono.error(new Wordless()), BadDevices.raw(actual -> {
            throw new Wordless();
        }))) {
            StepVerifier.create(DeviceCall.of(BadDevices.device(op -> bad), new BlockOp.Flush()))
                    .expectErrorSatisfies(error -> assertThat(error)
                            .isInstanceOf(DeviceException.class)
                            .hasMessageContaining(Wordless.class.getName()))
                    .verify(PATIENCE);
        }
    }

    @Test
    void aDeviceThatNoLongerTellsItsNameIsOneEnd() {
        boolean[] broken = {false};
        BlockDevice device = new BlockDevice() {
            @Override
            public DeviceInfo info() {
                if (broken[0]) {
                    throw new IllegalStateException("the connection is lost");
                }
                return DeviceInfo.of("far", 8, "net");
            }

            @Override
            public Mono<Void> submit(BlockOp op) {
                broken[0] = true;
                return Mono.error(new IllegalStateException("the connection is lost"));
            }

            @Override
            public Mono<Void> close() {
                return Mono.empty();
            }
        };
        StepVerifier.create(DeviceCall.of(device, new BlockOp.Flush()))
                .expectErrorSatisfies(error ->
                        assertThat(error).isInstanceOf(DeviceException.class).hasMessageContaining("far"))
                .verify(PATIENCE);
        StepVerifier.create(DeviceCall.of(device, new BlockOp.Flush()))
                .expectError(DeviceException.class)
                .verify(PATIENCE);
    }

    @Test
    void aCancelReachesTheDevice() {
        ManualDevice disk = ManualDevice.of("disk", 80);
        DeviceCall.of(disk, new BlockOp.Flush()).subscribe().dispose();
        assertThat(disk.detached()).isEqualTo(1);
        disk.answer(0);
    }

    @Test
    void whatTheSubscriberThrowsPasses() {
        Mono<Integer> throwing = DeviceCall.of(MemoryDevice.of("memory", 8), new BlockOp.Flush())
                .then(Mono.fromSupplier(() -> {
                    throw new NoClassDefFoundError("of the subscriber");
                }));
        assertThatExceptionOfType(NoClassDefFoundError.class).isThrownBy(() -> throwing.block(PATIENCE));
    }

    /** An exception of somebody's whose message has a fault of its own. */
    static final class Wordless extends RuntimeException {
        private static final long serialVersionUID = 1L;

        @Override
        public String getMessage() {
            throw new IllegalStateException("no words");
        }
    }
}
