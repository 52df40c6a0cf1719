package io.dmio.app.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.stream.LongStream;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;

class ResultTest {

    private static final Percentage ONE_PER_MILLE = Percentage.withPercentage(0.1);
    private static final Variant VARIANT = Samples.variant("uring", 8);

    @Test
    void ratesAreMediansAndTheSpreadIsRelativeToThem() {
        Result result =
                new Result(VARIANT, List.of(Samples.sample(300, 1), Samples.sample(100, 1), Samples.sample(200, 1)));
        assertThat(result.legOpsPerSecond()).isEqualTo(200);
        assertThat(result.bytesPerSecond()).isEqualTo(200 * 4096);
        assertThat(result.spread()).isEqualTo(1.0);
        assertThat(result.legOpsPerSecondBySample()).containsExactly(300.0, 100.0, 200.0);
        assertThat(result.cpuMicrosPerLegOp()).isEqualTo(5);
        assertThat(result.allocatedBytesPerRequest()).isEqualTo(1000);
    }

    @Test
    void theMedianOfAnEvenNumberIsTheMeanOfTheMiddleTwo() {
        assertThat(Result.median(List.of(4.0, 1.0, 3.0, 2.0))).isCloseTo(2.5, within(1e-9));
    }

    @Test
    void percentilesAreThoseOfAllSamplesTogether() {
        long[] low = LongStream.rangeClosed(1, 500).toArray();
        long[] high = LongStream.rangeClosed(501, 1000).toArray();
        Result result = new Result(VARIANT, List.of(Samples.sample(1, low), Samples.sample(1, high)));
        assertThat(result.latencyMicros(50)).isCloseTo(500, ONE_PER_MILLE);
        assertThat(result.latencyMicros(99)).isCloseTo(990, ONE_PER_MILLE);
        assertThat(result.latencyMicros(99.9)).isCloseTo(999, ONE_PER_MILLE);
        assertThat(result.latencyMicrosMax()).isCloseTo(1000, ONE_PER_MILLE);
        assertThat(result.requests()).isEqualTo(1000);
    }

    @Test
    void oneSampleWithErrorsBreaksTheResult() {
        Result result = new Result(VARIANT, List.of(Samples.sample(5, 1), Samples.broken("EIO: /dev/x")));
        assertThat(result.broken()).isTrue();
        assertThat(result.errors()).isEqualTo(3);
        assertThat(result.cause()).isEqualTo("EIO: /dev/x");
    }

    @Test
    void aSampleWithoutRequestsHasZeroesAndNotNaN() {
        Result result = new Result(VARIANT, List.of(Samples.sample(0)));
        assertThat(result.cpuMicrosPerLegOp()).isZero();
        assertThat(result.spread()).isZero();
        assertThat(result.latencyMicros(99)).isZero();
    }

    @Test
    void aResultNeedsASample() {
        assertThatIllegalArgumentException().isThrownBy(() -> new Result(VARIANT, List.of()));
    }
}
