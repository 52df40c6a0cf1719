package io.dmio.app.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MatrixTest {

    private static final List<String> BOTH = List.of("uring", "posix");

    @Test
    void everyCombinationIsThereOnce() {
        Matrix matrix = new Matrix(
                BOTH,
                List.of(1, 3),
                List.of(Workload.WRITE, Workload.READ),
                List.of(Access.RANDOM, Access.SEQUENTIAL),
                List.of(4096, 65536),
                List.of(1, 8, 32, 8));
        assertThat(matrix.variants()).hasSize(2 * 2 * 2 * 2 * 2 * 3).doesNotHaveDuplicates();
    }

    @Test
    void depthsOfOneEngineStandInARow() {
        Matrix matrix = new Matrix(
                BOTH, List.of(1), List.of(Workload.WRITE), List.of(Access.RANDOM), List.of(4096), List.of(1, 8));
        assertThat(matrix.variants())
                .extracting(variant -> variant.engine() + variant.depth())
                .containsExactly("uring1", "uring8", "posix1", "posix8");
    }

    @Test
    void theFirstLookHasThreeDepthsThreeLegsAndOneMebibyteInSequence() {
        assertThat(Matrix.quick(List.of("posix"), List.of(Workload.WRITE), 64))
                .containsExactly(
                        Samples.variant("posix", 1),
                        Samples.variant("posix", 8),
                        Samples.variant("posix", 32),
                        new Variant("posix", 3, Workload.WRITE, Access.RANDOM, 4096, 32),
                        new Variant("posix", 1, Workload.WRITE, Access.SEQUENTIAL, 1 << 20, 8));
    }

    @Test
    void theFirstLookUsesNoMoreLegsThanThereAre() {
        assertThat(Matrix.quick(BOTH, List.of(Workload.READ), 2))
                .extracting(Variant::legs)
                .containsOnly(1, 2);
        assertThat(Matrix.quick(BOTH, List.of(Workload.READ), 1))
                .extracting(Variant::legs)
                .containsOnly(1);
    }

    @Test
    void theLargeMatrixHoldsAtMost64MebibytesInFlight() {
        List<Variant> variants = Matrix.full(BOTH, 64).bounded();
        assertThat(variants).hasSize(2 * 2 * 2 * (3 * 5 - 1));
        assertThat(variants)
                .allSatisfy(variant -> assertThat((long) variant.blockBytes() * variant.depth())
                        .isLessThanOrEqualTo(64 << 20));
    }

    @Test
    void buffersAreTwoToWriteFromAndOneToReadInto() {
        Variant write = Samples.variant("posix", 8);
        assertThat(write.bufferBytes()).isEqualTo(2 * 8 * 4096);
        assertThat(new Variant("posix", 1, Workload.READ, Access.RANDOM, 4096, 8).bufferBytes())
                .isEqualTo(8 * 4096);
        assertThat(new Variant("posix", 1, new Workload(70), Access.RANDOM, 1 << 20, 1024).bufferBytes())
                .isEqualTo(3L << 30);
    }

    @ParameterizedTest
    @CsvSource({"512, 512 B", "1536, 1.5 KiB", "4096, 4 KiB", "65536, 64 KiB", "1048576, 1 MiB"})
    void blocksAreWrittenShort(int bytes, String words) {
        assertThat(Variant.block(bytes)).isEqualTo(words);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 511, 1000, (1 << 20) + 512, -512})
    void aBlockIsWholeSectorsUpToOneMebibyte(int bytes) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Variant("posix", 1, Workload.READ, Access.RANDOM, bytes, 1))
                .withMessageContaining("multiples of 512");
    }

    @ParameterizedTest
    @CsvSource({"0, false, true", "100, true, false", "70, true, true"})
    void aShareOfReadsTellsWhatIsDone(int percent, boolean reads, boolean writes) {
        assertThat(new Workload(percent).reads()).isEqualTo(reads);
        assertThat(new Workload(percent).writes()).isEqualTo(writes);
    }

    @Test
    void laterRoundsRampUpForATenthOfASecondAtMost() {
        Timing timing = new Timing(Duration.ofSeconds(1), Duration.ofSeconds(2), 3);
        assertThat(timing.before(0)).hasSeconds(1);
        assertThat(timing.before(1)).hasMillis(100);
        assertThat(new Timing(Duration.ZERO, Duration.ofSeconds(2), 3).before(1))
                .isZero();
        // 1 + 2, and twice 0.1 + 2, and 0.08 around each of the three
        assertThat(timing.planned(10)).hasMillis(10 * (3000 + 2 * 2100 + 3 * 80));
    }

    @Test
    void theFirstLookIsPlannedForLessThanHalfAMinute() {
        Timing timing = new Timing(Duration.ofMillis(500), Duration.ofMillis(300), 3);
        int variants = Matrix.quick(BOTH, List.of(Workload.WRITE), 64).size();
        assertThat(timing.planned(variants)).isLessThan(Duration.ofSeconds(20));
    }
}
