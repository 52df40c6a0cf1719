package io.dmio.copy;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import reactor.test.scheduler.VirtualTimeScheduler;

/** A throttle on a clock that only moves when told. */
abstract class ThrottleFixture {

    final VirtualTimeScheduler clock = VirtualTimeScheduler.create();
    final Throttle throttle = Throttle.unlimited(() -> clock);

    @AfterEach
    void theClockIsStillTheCallers() {
        assertThat(clock.isDisposed()).isFalse();
        clock.dispose();
    }

    final long millis() {
        return clock.now(TimeUnit.MILLISECONDS);
    }

    /** Passes through the clock in steps, as a device does. */
    final void run(Duration time) {
        for (long at = 0; at < time.toMillis(); at++) {
            clock.advanceTimeBy(Duration.ofMillis(1));
        }
    }
}
