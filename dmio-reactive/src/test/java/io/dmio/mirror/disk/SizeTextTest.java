package io.dmio.mirror.disk;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SizeTextTest {

    @Test
    void sizesAreExactInTheLargestUnitOfWhichTheyAreWhole() {
        assertThat(SizeText.of(0)).isEqualTo("0 bytes");
        assertThat(SizeText.of(1)).isEqualTo("512 bytes");
        assertThat(SizeText.of(16_384)).isEqualTo("8 MiB");
        assertThat(SizeText.of(16_386)).isEqualTo("8193 KiB");
        assertThat(SizeText.of(16_385)).isEqualTo("8389120 bytes");
        assertThat(SizeText.of(1L << 45)).isEqualTo("16384 TiB");
    }
}
