package io.dmio.app.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class BudgetTest {

    private static final long MIB = 1 << 20;

    @Test
    void whatTheJvmCannotHoldIsRefusedAtTheStart() {
        assertThat(Budget.pages(256, MIB)).isEqualTo(256);
        assertThatThrownBy(() -> Budget.pages(257, MIB))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("--budget: 1.0 MiB are more than the 1.0 MiB that this JVM may take");
    }

    @Test
    void whoDoesNotSayGetsWhatThereIsAndDevicesAsMuch() {
        assertThat(Budget.pages(0, 1024 * MIB)).isEqualTo(32_768);
        assertThat(Budget.pages(0, 64 * MIB)).isEqualTo(8192);
        assertThat(Budget.pages(0, 1)).isOne();
    }
}
