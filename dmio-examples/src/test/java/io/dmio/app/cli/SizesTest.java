package io.dmio.app.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SizesTest {

    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "4096, 4096",
        "17B, 17",
        "64K, 65536",
        "64k, 65536",
        "64KB, 64000",
        "64kB, 64000",
        "64KiB, 65536",
        "64kib, 65536",
        "1m, 1048576",
        "1MB, 1000000",
        "1gb, 1000000000",
        "3P, 3377699720527872",
        "16M, 16777216",
        "1G, 1073741824",
        "2T, 2199023255552",
        "256p, 1048576",
        "1page, 4096",
        "2pages, 8192"
    })
    void aSizeHasAUnitOrCountsBytes(String text, long bytes) {
        assertThat(Sizes.parse(text)).isEqualTo(bytes);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "K",
                "-1",
                "1.5M",
                "1 M",
                "64kk",
                "64Ki",
                "0x10",
                "1MM",
                "16Q",
                "1e3",
                "9999999999999999999",
                "8E",
                "9007199254740993K"
            })
    void whatIsNotASizeIsRefusedInOneLineThatQuotesIt(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Sizes.parse(text))
                .satisfies(refused -> assertThat(refused.getMessage())
                        .startsWith("'" + text + "' is ")
                        .doesNotContain("\n"));
    }

    @Test
    void aBudgetBelowOnePageIsRefusedWithAdvice() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Sizes.parsePages("256"))
                .withMessage("'256' is less than one page of 4096 bytes: write 1M, or 256p for pages");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Sizes.parsePages("16T"))
                .withMessageContaining("too large");
        assertThat(Sizes.parsePages("10000")).isEqualTo(2);
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0 B",
        "1023, 1023 B",
        "1024, 1.0 KiB",
        "1536, 1.5 KiB",
        "1048575, 1.0 MiB",
        "1048576, 1.0 MiB",
        "128651445, 122.7 MiB",
        "9223372036854775807, 8.0 EiB"
    })
    void aSizeForPeopleHasOneDecimal(long bytes, String text) {
        assertThat(Sizes.human(bytes)).isEqualTo(text);
    }

    @Test
    void anyTextGivesASizeOrARefusalAndNothingElse() {
        long seed = Long.getLong("dmio.seed", System.nanoTime());
        SplittableRandom random = new SplittableRandom(seed);
        String letters = "0123456789KMGTPEkmgtepBib ages-.+x";
        for (int i = 0; i < 20_000; i++) {
            StringBuilder text = new StringBuilder();
            for (int length = random.nextInt(8); length > 0; length--) {
                text.append(letters.charAt(random.nextInt(letters.length())));
            }
            try {
                assertThat(Sizes.parse(text.toString()))
                        .as("%s, -Ddmio.seed=%d", text, seed)
                        .isNotNegative();
            } catch (IllegalArgumentException refused) {
                assertThat(refused.getMessage()).as("-Ddmio.seed=%d", seed).contains(text);
            }
        }
    }

    @Test
    void whatWasWrittenInBytesIsReadBack() {
        long seed = Long.getLong("dmio.seed", System.nanoTime());
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < 1_000; i++) {
            long bytes = random.nextLong(0, Long.MAX_VALUE) >>> random.nextInt(63);
            assertThat(Sizes.parse(Long.toString(bytes)))
                    .as("-Ddmio.seed=%d", seed)
                    .isEqualTo(bytes);
        }
    }
}
