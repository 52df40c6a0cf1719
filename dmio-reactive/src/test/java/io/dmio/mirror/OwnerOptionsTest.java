package io.dmio.mirror;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** An owner's times, and the clock they go by. */
class OwnerOptionsTest {

    @Test
    void timesThatCannotBeAreRefused() {
        OwnerOptions fine = OwnerOptions.defaults();
        for (Duration interval : List.of(Duration.ZERO, Duration.ofMillis(-1), Duration.ofMinutes(2))) {
            assertThatThrownBy(() -> fine.withBeat(interval, 10)).hasMessageContaining("owner's interval");
        }
        assertThatThrownBy(() -> fine.withBeat(Duration.ofSeconds(1), 1)).hasMessageContaining("patience");
        assertThatThrownBy(() -> fine.withBeat(Duration.ofMillis(100), 5)).hasMessageContaining("too hasty");
        assertThat(fine.withBeat(Duration.ofMillis(100), 11).patience()).isEqualTo(11);
    }

    @Test
    void timeThatTheMachineSleptCountsAndTimeThatIsSetBackDoesNot() {
        long[] monotonic = {1_000};
        long[] day = {50_000};
        OwnerClock both = new OwnerClock(() -> monotonic[0], () -> day[0]);
        long begin = both.getAsLong();
        monotonic[0] += 1_000_000_000;
        day[0] += 1_000;
        assertThat(both.getAsLong() - begin).isEqualTo(1_000_000_000);
        day[0] += 60_000; // it slept
        assertThat(both.getAsLong() - begin).isEqualTo(61_000_000_000L);
        day[0] -= 3_600_000; // set back
        assertThat(both.getAsLong() - begin).isEqualTo(61_000_000_000L);
        day[0] += 1_000; // and it slept again
        assertThat(both.getAsLong() - begin).isEqualTo(62_000_000_000L);
    }
}
