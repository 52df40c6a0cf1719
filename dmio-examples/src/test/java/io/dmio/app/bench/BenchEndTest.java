package io.dmio.app.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.dmio.app.bench.BenchLegs.Caching;
import io.dmio.app.cli.Console;
import io.dmio.app.cli.Table;
import io.dmio.app.cli.Table.Column;
import io.dmio.app.cli.Times;
import io.dmio.app.measure.Access;
import io.dmio.app.measure.Result;
import io.dmio.app.measure.Samples;
import io.dmio.app.measure.Timing;
import io.dmio.app.measure.Variant;
import io.dmio.app.measure.Workload;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BenchEndTest {

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @Test
    void aBrokenRunIsNamedWithItsCauseAndFails() throws IOException {
        Result good = Samples.result(Samples.variant("posix", 1), 1000);
        Result broken =
                new Result(Samples.variant("uring", 8), List.of(Samples.broken("EIO: leg-0: write of sectors [0, 8)")));
        assertThat(tell(false, good, broken)).isEqualTo(2);
        assertThat(text(out)).contains("rand write  4 KiB      8  broken: 3 errors\n");
        assertThat(text(err))
                .isEqualTo("dmio: uring, 1 leg, rand write, 4 KiB, depth 8: broken: 3 errors, the first: EIO: leg-0:"
                        + " write of sectors [0, 8)\n");
    }

    @Test
    void inJsonTooABrokenRunHasItsCause() throws IOException {
        Result broken = new Result(Samples.variant("uring", 8), List.of(Samples.broken("EIO \"x\"")));
        assertThat(tell(true, broken)).isEqualTo(2);
        assertThat(text(out)).hasLineCount(1).contains("\"errors\":3,\"cause\":\"EIO \\\"x\\\"\"");
    }

    @Test
    void largeNumbersStillFitIn120Columns() {
        Variant wide = new Variant("uring", 64, new Workload(70), Access.RANDOM, 512, 1024);
        Result result = new Result(wide, List.of(Samples.sample(9_999_999, 9_999_999), Samples.sample(1, 12)));
        assertThat(BenchText.table(List.of(result), "us").lines())
                .hasSize(3)
                .allSatisfy(line -> assertThat(line.length()).isLessThanOrEqualTo(120));
    }

    @Test
    void roundsThatDifferMuchAreNamed() throws IOException {
        Result noisy = new Result(Samples.variant("posix", 1), List.of(Samples.sample(100, 1), Samples.sample(200, 1)));
        assertThat(tell(false, noisy)).isZero();
        assertThat(text(out)).contains("Rounds differ by up to 67 %");
    }

    @Test
    void numbersStandToTheRightOfTheirColumnAndWordsToTheLeft() {
        Table table = new Table(List.of(Column.ofWords("name"), Column.ofNumbers("long\nn"), Column.ofNumbers("m")));
        table.add(List.of("a", "1", "22"));
        table.add(List.of("bcdef", "a text that runs across"));
        assertThat(table.lines())
                .containsExactly("       long", "name      n   m", "a         1  22", "bcdef  a text that runs across");
    }

    @ParameterizedTest
    @CsvSource({"200ms, 200", "5s, 5000", "2m, 120000", "0s, 0"})
    void durationsAreReadWithTheirUnit(String text, long millis) {
        assertThat(Times.parse(text)).hasMillis(millis);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "5", "s", "-1s", "1.5s", "1h", "9999999999s"})
    void durationsWithoutAUnitAreRefused(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Times.parse(text))
                .withMessageContaining("write 200ms, 5s or 2m");
    }

    @ParameterizedTest
    @CsvSource({"100, about 1 s", "21400, about 21 s", "99000, about 99 s", "480000, about 8 min"})
    void roughDurationsAreRounded(long millis, String words) {
        assertThat(Times.about(Duration.ofMillis(millis))).isEqualTo(words);
    }

    private int tell(boolean json, Result... results) throws IOException {
        BenchLegs legs = new BenchLegs(List.of(), 1 << 20, Caching.BUFFERED);
        List<Variant> variants = List.of(results).stream().map(Result::variant).toList();
        BenchSetup setup = new BenchSetup(
                "nowhere", legs, List.of(), variants, new Timing(Duration.ZERO, Duration.ofMillis(1), 1), List.of());
        Console console = Console.plain(InputStream.nullInputStream(), out, err);
        return new BenchEnd(console, json, Optional.empty(), Optional.empty()).tell(setup, List.of(results), false);
    }

    private static String text(ByteArrayOutputStream bytes) {
        return bytes.toString(StandardCharsets.UTF_8);
    }
}
