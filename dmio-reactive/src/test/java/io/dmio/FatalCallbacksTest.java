package io.dmio;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.device.MemoryDevice;
import io.dmio.harness.DropsErrors;
import io.dmio.metrics.DeviceMeter;
import io.dmio.metrics.MeteredDevice;
import io.dmio.testkit.ManualDevice;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;
import reactor.test.StepVerifier;

/** What Reactor calls fatal, thrown by code of a user's that the library calls on a thread of a device's: somebody is told. */
class FatalCallbacksTest {

    private static final Duration PATIENCE = Duration.ofSeconds(30);

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
