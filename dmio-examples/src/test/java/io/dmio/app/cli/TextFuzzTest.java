package io.dmio.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.function.Function;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Any text for a size, a number of pages or a time: it has a value, or is refused by a message that quotes it. A build replays the
 * texts that a fuzzer found worth keeping; {@code docs/testing.md} tells how to look for more.
 */
class TextFuzzTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "0",
                "00",
                "B",
                "1B",
                "9K",
                "9KB",
                "9KiB",
                "9Ki",
                "9k",
                "7M",
                "7MiBs",
                "1G",
                "1T",
                "1P",
                "7E",
                "8E",
                "1i",
                "1p",
                "1pa",
                "1page",
                "2pages",
                "1pagess",
                "2251799813685248p",
                "2251799813685247p",
                "9223372036854775807",
                "9223372036854775808",
                "99999999999999999999999999",
                "8191P",
                "8192P",
                "8589934591G",
                "+1",
                "-1",
                " 1",
                "1 ",
                "1\n",
                "\u0661K",
                "1\u212A",
                "0ms",
                "1ms",
                "1s",
                "1m",
                "1h",
                "999999999m",
                "1000000000s",
                "1sm",
                "s",
                "\u0000",
                "1\u0000K"
            })
    void aTextHasAValueOrIsRefusedByAMessageThatQuotesIt(String text) {
        valueOrRefusal(text, Sizes::parse, bytes -> bytes >= 0);
        valueOrRefusal(text, Sizes::parsePages, pages -> pages > 0);
        valueOrRefusal(text, Times::parse, time -> !time.isNegative() && time.compareTo(Duration.ofDays(1 << 20)) < 0);
    }

    /** What Jazzer calls. */
    public static void fuzzerTestOneInput(byte[] input) {
        new TextFuzzTest().aTextHasAValueOrIsRefusedByAMessageThatQuotesIt(new String(input, StandardCharsets.UTF_8));
    }

    private static <T> void valueOrRefusal(String text, Function<String, T> parser, Function<T, Boolean> isSane) {
        T value;
        try {
            value = parser.apply(text);
        } catch (IllegalArgumentException refused) {
            assertThat(refused.getMessage()).startsWith("'" + text + "' is ");
            return;
        }
        assertThat(isSane.apply(value)).as("%s of '%s'", value, text).isTrue();
    }
}
