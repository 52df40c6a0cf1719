package io.dmio.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Options that do not fit each other cannot be built. */
class OpenOptionsTest {

    @ParameterizedTest
    @ValueSource(longs = {-1, -512, 1, 511, Long.MIN_VALUE, Long.MAX_VALUE})
    void aSizeThatNoFileHasIsNotCreated(long bytes) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> OpenOptions.readWrite().withCreate(bytes));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> OpenOptions.readWrite().withPreallocated(bytes));
    }

    @Test
    void onlyAWriterCreatesAndOnlyAReaderLeavesATailOut() {
        assertThat(OpenOptions.readWrite().creates()).isFalse();
        assertThat(OpenOptions.readWrite().withCreate(0).creates()).isTrue();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> OpenOptions.readOnly().withCreate(512));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> OpenOptions.readWrite().withTruncatedTail());
    }
}
