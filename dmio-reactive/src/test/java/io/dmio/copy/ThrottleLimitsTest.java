package io.dmio.copy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;

/** A throttle at the ends of its range, and beyond. */
class ThrottleLimitsTest extends ThrottleFixture {

    @Test
    void theLargestWorkAndTheSmallestRateAreALongWaitAndNoLoop() {
        throttle.bytesPerSecondMax(1);
        clock.advanceTimeBy(Duration.ofDays(100 * 365));
        List<String> admitted = new ArrayList<>();
        throttle.admit(Long.MAX_VALUE).subscribe(none -> {}, error -> {}, () -> admitted.add("largest"));
        throttle.admit(Long.MAX_VALUE).subscribe(none -> {}, error -> {}, () -> admitted.add("again"));
        throttle.admit(8_000_000_000L).subscribe(none -> {}, error -> {}, () -> admitted.add("after both"));
        throttle.admit(0).subscribe(none -> {}, error -> {}, () -> admitted.add("nothing"));
        clock.advanceTimeBy(Duration.ofDays(1000));
        assertThat(admitted).containsExactly("largest");
        throttle.bytesPerSecondMax(Long.MAX_VALUE);
        assertThat(admitted).containsExactly("largest", "again", "after both", "nothing");

        throttle.bytesPerSecondMax(10);
        List<Long> times = new ArrayList<>();
        long start = millis();
        for (int i = 0; i < 3; i++) {
            throttle.admit(5).subscribe(none -> {}, error -> {}, () -> times.add(millis() - start));
        }
        run(Duration.ofSeconds(2));
        assertThat(times).containsExactly(0L, 500L, 1000L);
    }

    @Test
    void theFastestRateIsNoRateForEver() {
        throttle.bytesPerSecondMax(Long.MAX_VALUE - 1);
        throttle.admit(1).subscribe();
        clock.advanceTimeBy(Duration.ofDays(10_000));
        throttle.bytesPerSecondMax(1000);
        List<Long> times = new ArrayList<>();
        long start = millis();
        for (int i = 0; i < 3; i++) {
            throttle.admit(500).subscribe(none -> {}, error -> {}, () -> times.add(millis() - start));
        }
        run(Duration.ofSeconds(2));
        assertThat(times).containsExactly(0L, 500L, 1000L);
    }

    @Test
    void aLargeSumOfBytesIsAsExactAsASmallOne() {
        throttle.admit(1L << 61).subscribe();
        throttle.bytesPerSecondMax(1000);
        List<Long> times = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            throttle.admit(500).subscribe(none -> {}, error -> {}, () -> times.add(millis()));
        }
        Flux.range(0, 2000).subscribe(i -> {
            run(Duration.ofMillis(1));
            throttle.timed(Mono.empty()).subscribe(); // time is looked at, half a byte at a time
        });
        assertThat(times).containsExactly(0L, 500L, 1000L);
    }

    @Test
    void theClockMayBeAVirtualOneInPlaceOfReactors() {
        StepVerifier.withVirtualTime(() -> {
                    Throttle slow = Throttle.unlimited().bytesPerSecondMax(1);
                    return slow.admit(60).then(slow.admit(1));
                })
                .expectSubscription()
                .expectNoEvent(Duration.ofSeconds(60))
                .verifyComplete();
    }

    @Test
    @SuppressWarnings("NullAway") // nulls are refused, too
    void impossibleLimitsAreRefused() {
        for (long bytes : new long[] {0, -1, Long.MIN_VALUE}) {
            assertThatThrownBy(() -> throttle.bytesPerSecondMax(bytes)).isInstanceOf(IllegalArgumentException.class);
        }
        for (int percent : new int[] {0, -1, Integer.MIN_VALUE, 101, Integer.MAX_VALUE}) {
            assertThatThrownBy(() -> throttle.percentMax(percent)).isInstanceOf(IllegalArgumentException.class);
        }
        for (long bytes : new long[] {-1, -1000, Long.MIN_VALUE}) {
            assertThatThrownBy(() -> throttle.admit(bytes)).isInstanceOf(IllegalArgumentException.class);
        }
        assertThatThrownBy(() -> throttle.timed(null)).isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> Throttle.unlimited(null)).isInstanceOf(NullPointerException.class);
        StepVerifier.create(throttle.admit(0)).verifyComplete();
    }
}
