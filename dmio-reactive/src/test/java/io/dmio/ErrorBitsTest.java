package io.dmio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.test.StepVerifier;

class ErrorBitsTest {

    private final DeviceException cause = DeviceException.of(Errno.EIO, "leg", "bad");

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 30, 31, 32, 33, 62, 63})
    void eachOfSixtyFourRegionsHasItsOwnBit(int region) {
        ErrorBits bits = ErrorBits.of(region, cause);

        assertThat(bits.toLong()).isEqualTo(1L << region);
        assertThat(bits.failed(region)).isTrue();
        assertThat(bits.failedRegions()).containsExactly(region);
        assertThat(bits.cause(region)).contains(cause);
        assertThat(bits.count()).isEqualTo(1);
        assertThat(bits.toBitSet().nextSetBit(0)).isEqualTo(region);
    }

    @Test
    void bitThirtyOneDoesNotSpreadIntoTheUpperHalf() {
        assertThat(ErrorBits.of(31, cause).toLong()).isEqualTo(0x8000_0000L);
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 64, Integer.MAX_VALUE, Integer.MIN_VALUE})
    void aSixtyFifthRegionHasNoBit(int region) {
        assertThatIllegalArgumentException().isThrownBy(() -> ErrorBits.of(region, cause));
        assertThatIllegalArgumentException().isThrownBy(() -> ErrorBits.NONE.failed(region));
    }

    @Test
    void theUnionKeepsEveryBitAndTheFirstCauseOfEach() {
        DeviceException later = DeviceException.of(Errno.ENOSPC, "leg", "later");
        ErrorBits union = ErrorBits.of(3, cause).or(ErrorBits.of(3, later)).or(ErrorBits.of(60, later));

        assertThat(union.failedRegions()).containsExactly(3, 60);
        assertThat(union.cause(3)).contains(cause);
        assertThat(union.cause(60)).contains(later);
        assertThat(union.cause(4)).isEmpty();
        assertThat(ErrorBits.NONE.or(union)).isSameAs(union);
        assertThat(union.or(ErrorBits.NONE)).isSameAs(union);
    }

    @Test
    void whatFailedHasACauseThoughItIsNotKnown() {
        ErrorBits unknown = ErrorBits.ofBits(0b101);

        assertThat(unknown.cause(0).orElseThrow().errno()).isEqualTo(Errno.EIO);
        assertThat(unknown.cause(1)).isEmpty();
        assertThat(unknown.or(ErrorBits.of(2, cause)).cause(2))
                .as("what is known")
                .contains(cause);
        assertThat(unknown).hasToString("0b101");
    }

    @Test
    void equalityIsByBitsAlone() {
        assertThat(ErrorBits.of(1, cause)).isEqualTo(ErrorBits.ofBits(2)).hasSameHashCodeAs(ErrorBits.ofBits(2));
        assertThat(ErrorBits.of(1, cause)).isNotEqualTo(ErrorBits.NONE);
    }

    @Test
    void theTextNamesBitsAndCauses() {
        DeviceException write = DeviceException.of(Errno.EIO, "/dev/loop1", BlockOp.Kind.WRITE, 2048, 8, "");
        assertThat(ErrorBits.of(1, write)).hasToString("0b10 {1: EIO /dev/loop1 @2048}");
        assertThat(ErrorBits.NONE).hasToString("0b0");
    }

    @Test
    void whoWantsAllOrAnErrorIsToldWhichRegionsFailed() {
        DeviceException first = DeviceException.of(Errno.ENOSPC, "b", new BlockOp.Flush(), "full");
        DeviceException second = DeviceException.of(Errno.EIO, "d", "gone");
        ErrorBits failed = ErrorBits.of(3, second).or(ErrorBits.of(1, first));
        for (int i = 0; i < 2; i++) { // each time a new one, with nothing left in the failures themselves
            assertThatExceptionOfType(DeviceException.class)
                    .isThrownBy(failed::orThrow)
                    .withMessage("ENOSPC: b: flush: full; failed of the request: regions 1, 3")
                    .withCause(first)
                    .satisfies(thrown -> assertThat(thrown.getSuppressed()).containsExactly(second))
                    .satisfies(thrown -> assertThat(thrown.errno()).isEqualTo(Errno.ENOSPC));
        }
        StepVerifier.create(ErrorBits.of(3, second).orError())
                .verifyErrorMessage("EIO: d: gone; failed of the request: region 3");
        StepVerifier.create(ErrorBits.ofBits(1).orError()).verifyError(DeviceException.class);
        StepVerifier.create(ErrorBits.NONE.orError()).verifyComplete();
        assertThat(first.getSuppressed()).isEmpty();
    }
}
