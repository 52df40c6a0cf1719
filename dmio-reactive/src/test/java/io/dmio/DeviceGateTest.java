package io.dmio;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.harness.DropsErrors;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Hooks;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;

/** Who is let in, who is waited for, and what becomes of an end that fails. */
class DeviceGateTest {

    private static final Duration PATIENCE = Duration.ofMinutes(3);

    @Test
    void whatFreeingADeviceThrowsIsTheErrorOfEveryClose() {
        AtomicInteger freed = new AtomicInteger();
        DeviceGate gate = new DeviceGate(() -> {
            freed.incrementAndGet();
            throw new NoClassDefFoundError("of a driver");
        });
        for (int i = 0; i < 3; i++) {
            StepVerifier.create(gate.close())
                    .expectError(NoClassDefFoundError.class)
                    .verify(PATIENCE);
        }
        assertThat(freed).hasValue(1);
        assertThat(gate.enter()).isFalse();
    }

    @Test
    void theOperationThatLeavesLastDoesNotHearOfIt() {
        DeviceGate gate = new DeviceGate(() -> {
            throw new IllegalStateException("could not be freed");
        });
        assertThat(gate.enter()).isTrue();
        var close = gate.close().toFuture();
        gate.exit();
        assertThat(close).isCompletedExceptionally();
        StepVerifier.create(gate.close())
                .expectErrorMessage("could not be freed")
                .verify(PATIENCE);
    }

    @DropsErrors("a subscriber must not throw")
    @Test
    void whoThrowsWhenToldOfTheEndHarmsNobodyElse() {
        DeviceGate gate = new DeviceGate(() -> {});
        assertThat(gate.enter()).isTrue();
        gate.close()
                .then(Mono.fromRunnable(() -> {
                    throw new NoClassDefFoundError("of a subscriber");
                }))
                .subscribe();
        gate.exit();
        StepVerifier.create(gate.close()).expectComplete().verify(PATIENCE);
    }

    @DropsErrors("a subscriber must not throw")
    @Test
    void everyCloseHearsOfTheEndThoughOneOfThemThrows() {
        DeviceGate gate = new DeviceGate(() -> {});
        assertThat(gate.enter()).isTrue();
        gate.close().subscribe(BadDevices.thrower());
        var second = gate.close().toFuture();
        gate.exit();
        assertThat(second).isCompleted();
    }

    @DropsErrors("a subscriber must not throw")
    @Test
    void aHookThatThrowsDoesNotReachTheOperationThatLeavesLast() {
        DeviceGate gate = new DeviceGate(() -> {});
        assertThat(gate.enter()).isTrue();
        gate.close().subscribe(BadDevices.thrower());
        Hooks.onErrorDropped(thrown -> {
            throw new IllegalStateException("by the hook", thrown);
        });
        try {
            gate.exit();
        } finally {
            Hooks.resetOnErrorDropped();
        }
        assertThat(gate.close().toFuture()).isCompleted();
    }
}
