package io.dmio.app.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.app.cli.Console;
import io.dmio.app.measure.Machine;
import io.dmio.app.measure.Result;
import io.dmio.app.measure.Sample;
import io.dmio.app.measure.Samples;
import io.dmio.app.measure.Variant;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is called slower is so in every round, and by more than machines differ. */
class ComparisonTest {

    private static final Variant SOME = Samples.variant("posix", 8);

    @ParameterizedTest
    @CsvSource({
        "100 101 102, 80 81 82, slower", //
        "100 101 102, 91 92 93, none", // within a tenth
        "100 101 102, 50 60 100, none", // the rounds meet
        "100 101 102, 50 60 99, slower",
        "60 100 140, 70 70 70, none", // that was loud
        "100 101 102, 112 120 130, faster",
        "100, 89, slower",
        "100, 91, none",
        "100 120, 90 95, slower" // medians of two are between them
    })
    void slowerIsWhatNoRoundContradicts(String then, String now, String change) {
        Comparison comparison = compare(Map.of(SOME, rates(then)), now);
        assertThat(comparison.rows())
                .singleElement()
                .satisfies(row -> assertThat(row.change())
                        .isEqualTo(List.of("slower", "none", "faster").indexOf(change) - 1));
        assertThat(comparison.anySlower()).isEqualTo(change.equals("slower"));
        assertThat(comparison.json().get("variants")).asString().contains("change=" + change);
    }

    @Test
    void theRowsAndTheirSumArePrinted() {
        assertThat(printed(compare(Map.of(SOME, List.of(2000.0)), "1000")))
                .contains("Against the run of 2026-11-28T00:00:00Z:", "2,000  1,000   0.50  slower")
                .contains("1 of 1 variant slower, 0 faster; the others within a tenth, or rounds overlap.\n")
                .contains("That was on 1 x other, Linux, Java 1: compare with care.");
    }

    @Test
    void aRunOfOtherVariantsSaysSo() {
        assertThat(printed(compare(Map.of(SOME.withDepth(9), List.of(1.0)), "1")))
                .contains("That run measured none of these variants");
    }

    private static Comparison compare(Map<Variant, List<Double>> then, String now) {
        List<Sample> samples = rates(now).stream()
                .map(rate -> Samples.sample(rate.longValue()))
                .toList();
        KeptRun kept = new KeptRun("2026-11-28T00:00:00Z", new Machine("1", "Linux", 1, "other"), then);
        return Comparison.of(kept, List.of(new Result(SOME, samples)));
    }

    private static List<Double> rates(String words) {
        return Arrays.stream(words.split(" ", -1)).map(Double::valueOf).toList();
    }

    private static String printed(Comparison comparison) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        comparison.print(Console.plain(InputStream.nullInputStream(), out, out));
        return out.toString(StandardCharsets.UTF_8);
    }
}
