package io.dmio.app.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.app.CommandLineFixture;
import java.io.IOException;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Command lines that make no sense, and the help by which they are avoided. */
class MirrorMisuseTest extends CommandLineFixture {

    private static final int LEG_BYTES = 4 << 20;

    static Stream<String> badCommandLines() {
        return Stream.of(
                "mirror",
                "mirror nonsense",
                "mirror create",
                "mirror create a b", // no size for new files
                "mirror create --size 0 a",
                "mirror create --size x a",
                "mirror create --size 1M a a",
                "mirror create --size 1M --legs-min 2 a",
                "mirror create --size 1M --legs-min 0 a",
                "mirror create --size 1M --write-mostly b a",
                "mirror create --size 1M --chunk 96K a",
                "mirror create --size 1M /dev/null",
                "mirror create .",
                "mirror create -",
                "mirror create odd",
                "mirror create tiny",
                "mirror status --run-dir none", // nor does one run
                "mirror status a",
                "mirror status plain",
                "mirror status plain --line --json x",
                "mirror resync plain",
                "mirror resync a",
                "mirror scrub --check --repair plain",
                "mirror assemble --trust x plain",
                "mirror add plain",
                "mirror add plain --new plain",
                "mirror remove plain",
                "mirror remove plain --out 77",
                "mirror split plain --out 0",
                "mirror replace plain --old 0",
                "mirror grow --size 10 plain");
    }

    @ParameterizedTest
    @MethodSource("badCommandLines")
    void badInputIsOneLineOnStandardErrorAndNothingIsMade(String line) throws IOException {
        file("plain", LEG_BYTES);
        file("odd", LEG_BYTES + 1);
        file("tiny", 4096);
        assertThat(dmio(line.split(" "))).isEqualTo(1);
        isRefusedInALineAndMakesNothing();
        assertThat(read("plain")).isEqualTo(random(LEG_BYTES));
    }

    static Stream<String> commands() {
        String all = "create status scan assemble resync scrub add remove replace split grow pause resume limit serve";
        return Stream.concat(Stream.of(""), Arrays.stream(all.split(" ")));
    }

    @ParameterizedTest
    @MethodSource("commands")
    void helpHasExamplesAndFitsTheScreen(String command) {
        assertThat(dmio(("mirror " + command + " --help").split(" +"))).isZero();
        assertThat(out()).contains("Examples:\n  dmio mirror " + command);
        assertThat(out().lines())
                .allSatisfy(printed -> assertThat(printed.length()).isLessThanOrEqualTo(80));
    }
}
