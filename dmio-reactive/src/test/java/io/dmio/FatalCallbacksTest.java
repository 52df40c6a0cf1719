package io.dmio;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.copy.CopyOptions;
import io.dmio.copy.CopyResult;
import io.dmio.copy.CopyService;
import io.dmio.device.DeadlineDevice;
import io.dmio.device.FaultyDevice;
import io.dmio.device.MemoryDevice;
import io.dmio.harness.DropsErrors;
import io.dmio.metrics.DeviceMeter;
import io.dmio.metrics.MeteredDevice;
import io.dmio.testkit.ManualDevice;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;
import reactor.test.StepVerifier;

/** What Reactor calls fatal, thrown by code of a user's that the library calls on a thread of a device's: somebody is told. */
class FatalCallbacksTest {

    private static final Duration PATIENCE = Duration.ofMinutes(3);

    @DropsErrors("a meter must not throw")
    @Test
    void aMeterThatThrowsLosesNoOperation() {
        DeviceMeter broken = new DeviceMeter() {
            @Override
            public void started(BlockOp op) {
                throw new NoClassDefFoundError("of a meter");
            }

            @Override
            public void ended(BlockOp op, long nanos, Optional<Errno> errno) {
                throw new NoClassDefFoundError("of a meter");
            }

            @Override
            public void cancelled(BlockOp op, long nanos) {
                throw new NoClassDefFoundError("of a meter");
            }
        };
        ManualDevice manual = ManualDevice.of("manual", 8);
        var answered =
                MeteredDevice.of(manual, broken).submit(new BlockOp.Flush()).toFuture();
        manual.answer(0);
        assertThat(answered).isCompleted();
        var failed =
                MeteredDevice.of(manual, broken).submit(new BlockOp.Flush()).toFuture();
        manual.fail(1, Errno.EIO);
        assertThat(failed).isCompletedExceptionally();
        MeteredDevice.of(manual, broken).submit(new BlockOp.Flush()).subscribe().dispose();
        assertThat(manual.detached()).isOne();
    }

    @Test
    void aDeviceThatCannotBeClosedDoesNotKeepTheOthersOpen() {
        MemoryDevice good = MemoryDevice.of("good", 8);
        BlockDevice rude = new Rude(good);
        StepVerifier.create(BlockDevice.closeAll(List.of(rude, rude, good)))
                .expectErrorSatisfies(error -> {
                    assertThat(error)
                            .cause()
                            .isInstanceOf(NoClassDefFoundError.class)
                            .hasMessage("1");
                    assertThat(error.getSuppressed())
                            .singleElement()
                            .extracting(also -> String.valueOf(also.getCause()))
                            .isEqualTo("java.lang.NoClassDefFoundError: 2");
                })
                .verify(PATIENCE);
        StepVerifier.create(good.submit(new BlockOp.Flush()))
                .expectError(DeviceException.class)
                .verify(PATIENCE);
    }

    @Test
    void ofSeveralOpenedOneThatCannotBeIsToldAndTheOthersAreClosed() {
        MemoryDevice good = MemoryDevice.of("good", 8);
        List<Mono<BlockDevice>> openings = List.of(
                Mono.<BlockDevice>just(good).publishOn(Schedulers.boundedElastic()),
                Mono.error(new NoClassDefFoundError("of an opening")));
        StepVerifier.create(DeviceScope.of(openings).open())
                .expectErrorMatches(told -> told.getCause() instanceof NoClassDefFoundError)
                .verify(PATIENCE);
        StepVerifier.create(good.submit(new BlockOp.Flush()))
                .expectError(DeviceException.class)
                .verify(PATIENCE);
    }

    @Test
    void aDeviceInAScopeThatCannotBeClosedIsTold() {
        BlockDevice rude = new Rude(MemoryDevice.of("good", 8));
        Mono<BlockDevice> opening = Mono.just(rude).publishOn(Schedulers.boundedElastic());
        StepVerifier.create(DeviceScope.of(List.of(opening)).mono(open -> Mono.just(1)))
                .expectErrorSatisfies(told -> assertThat(told).hasRootCauseInstanceOf(NoClassDefFoundError.class))
                .verify(PATIENCE);
    }

    static Stream<Supplier<@Nullable Mono<List<Extent>>>> rudeAnswers() {
        return Stream.of(
                () -> {
                    throw new NoClassDefFoundError("of extents");
                },
                () -> Mono.error(new NoClassDefFoundError("of extents")),
                () -> Mono.error(new IllegalStateException("of extents")),
                () -> null);
    }

    @ParameterizedTest
    @MethodSource("rudeAnswers")
    void whatADeviceCannotTellOfItsHolesIsCopiedAndToldOnce(Supplier<@Nullable Mono<List<Extent>>> answer) {
        MemoryDevice memory = MemoryDevice.of("memory", 64);
        memory.load(3, "as it was".repeat(57).substring(1).getBytes(US_ASCII));
        BlockDevice rude = new ForwardingDevice(memory) {
            @Override
            @SuppressWarnings("NullAway") // as a rude one may
            public Mono<List<Extent>> extents(long sector, long sectorCount) {
                return answer.get();
            }
        };
        Mono<BlockDevice> later = Mono.just(rude).publishOn(Schedulers.boundedElastic());
        StepVerifier.create(later.flatMap(
                        device -> DeadlineDevice.of(device, PATIENCE).extents(0, 8)))
                .expectErrorSatisfies(told -> assertThat(told)
                        .isInstanceOf(DeviceException.class)
                        .hasMessageStartingWith("EIO: memory: extents: the device threw "))
                .verify(PATIENCE);
        MemoryDevice target = MemoryDevice.of("target", 64);
        CopyService copies = CopyService.create();
        StepVerifier.create(later.flatMap(device -> copies.copy(
                                IoRegion.all(device),
                                List.of(IoRegion.all(target)),
                                CopyOptions.NONE.with(CopyOptions.Sparse.SKIP))
                        .run()))
                .expectNextMatches(CopyResult::isComplete)
                .expectComplete()
                .verify(PATIENCE);
        assertThat(target.snapshot(3, 1)[0]).isEqualTo((byte) 's');
    }

    @Test
    void aWrapperWhoseDeviceCannotBeClosedTellsSo() {
        for (BlockDevice wrapper : List.of(
                DeadlineDevice.of(new Rude(MemoryDevice.of("good", 8)), PATIENCE),
                FaultyDevice.of(new Rude(MemoryDevice.of("good", 8))))) {
            StepVerifier.create(Mono.just(wrapper)
                            .publishOn(Schedulers.boundedElastic())
                            .flatMap(BlockDevice::close))
                    .expectErrorSatisfies(told -> assertThat(told).hasRootCauseInstanceOf(NoClassDefFoundError.class))
                    .verify(PATIENCE);
        }
    }

    /** Throws where it should close. */
    private static final class Rude extends ForwardingDevice {
        private int closes;

        Rude(BlockDevice device) {
            super(device);
        }

        @Override
        public Mono<Void> close() {
            throw new NoClassDefFoundError("" + ++closes);
        }
    }
}
