package io.dmio.app.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Sinks;

/** How fast a server copies while work runs that has rates of its own. */
class RatesTest {

    private final List<Long> told = new ArrayList<>();
    private final Rates rates = new Rates(told::add, 100);

    private Sinks.Empty<Void> work(long bytesPerSecond) {
        Sinks.Empty<Void> end = Sinks.empty();
        rates.during(bytesPerSecond, end.asMono()).subscribe();
        return end;
    }

    @Test
    void workThatEndsDoesNotTakeTheRateOfOtherWorkAway() {
        Sinks.Empty<Void> scrub = work(10);
        Sinks.Empty<Void> resync = work(50);
        resync.tryEmitEmpty();
        assertThat(told).containsExactly(10L, 50L, 10L);
        work(30);
        scrub.tryEmitEmpty();
        assertThat(told).as("the latest holds").endsWith(30L, 30L);
    }

    @Test
    void theUsualRateHoldsAgainWhenAllWorkHasEnded() {
        Sinks.Empty<Void> scrub = work(10);
        Sinks.Empty<Void> resync = work(10);
        scrub.tryEmitEmpty();
        resync.tryEmitEmpty();
        assertThat(told).containsExactly(10L, 10L, 10L, 100L);
    }

    @Test
    void whatAnOperatorSaysHoldsFromThenOn() {
        Sinks.Empty<Void> scrub = work(10);
        rates.usual(70);
        scrub.tryEmitEmpty();
        assertThat(told).containsExactly(10L, 70L);
        assertThat(rates.usual()).isEqualTo(70);
    }

    @Test
    void workWithoutARateChangesNothing() {
        work(Long.MAX_VALUE).tryEmitEmpty();
        assertThat(told).isEmpty();
    }
}
