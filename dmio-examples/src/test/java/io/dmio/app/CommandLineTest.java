package io.dmio.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class CommandLineTest extends CommandLineFixture {
    static Stream<String> badCommandLines() {
        return Stream.of(
                "",
                "nonsense",
                "--nonsense",
                "copy",
                "copy src",
                "copy missing a",
                "copy src .",
                "copy . a",
                "copy src a/b",
                "copy --budget 7 src a",
                "copy --budget x src a",
                "copy --budget src a",
                "copy --engine nope src a",
                "copy --json src -",
                "copy /dev/null a",
                "copy src /dev/null",
                "copy --frobnicate src a",
                "demo --legs 1",
                "demo --legs 17",
                "demo --legs x",
                "demo missing",
                "demo .",
                "demo --direct --buffered",
                "demo a b",
                "info",
                "info missing",
                "info .",
                "info -",
                "info /dev/null",
                "info src --engine",
                "copy src missing/dir/a");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--legs-min 0: at least 1 | mirror create --legs-min 0 --size 8M a b",
                "--chunk: a power of two from 64K to 64M, not 3 bytes | mirror create --chunk 3 --size 8M a b",
                "--connections 0: at least 1 | serve --connections 0 src",
                "--export a=: has no device; write NAME=DEVICE | serve --export=a="
            })
    void whatIsRefusedIsCalledAsItWasGiven(String expected) throws IOException {
        file("src", 1024);
        int bar = expected.indexOf(" | ");
        assertThat(dmio(expected.substring(bar + 3).split(" ", -1))).isEqualTo(1);
        assertThat(err()).isEqualTo("dmio: " + expected.substring(0, bar) + "\n");
    }

    @Test
    void whatAMirrorHasNoRoomForIsToldAsSizesAreGiven() {
        String a = "a";
        String b = "b";
        assertThat(dmio("mirror", "create", "--size", "8M", a, b)).isZero();
        assertThat(dmio("mirror", "grow", "--size", "16M", a, b)).isEqualTo(1);
        assertThat(err()).contains("has room for 8 MiB of data, not for 16 MiB");
    }

    @ParameterizedTest
    @MethodSource("badCommandLines")
    void badInputIsOneLineOnStandardErrorAndExitCodeOne(String line) throws IOException {
        file("src", 1000);
        String[] args = line.isEmpty() ? new String[0] : line.split(" ");
        assertThat(dmio(args)).isEqualTo(1);
        isRefusedInALineAndMakesNothing();
    }

    @ParameterizedTest
    @ValueSource(strings = {"--help", "copy --help", "demo --help", "info --help", "bench --help", "--version", "help"})
    void helpGoesToStandardOutput(String line) {
        assertThat(dmio(line.split(" "))).isZero();
        assertThat(out()).contains("dmio").doesNotContain("\u001b");
        assertThat(out().lines())
                .allSatisfy(printed -> assertThat(printed.length()).isLessThanOrEqualTo(80));
        assertThat(err()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "help, --help",
        "help copy, copy --help",
        "help mirror, mirror --help",
        "mirror help, mirror --help",
        "help mirror status, mirror status --help",
        "mirror help status, mirror status --help",
        "help mirror config check, mirror config check --help",
        "mirror config help check, mirror config check --help"
    })
    void helpOfACommandIsWhatItSaysItself(String line, String same) {
        assertThat(Main.run(line.split(" "), new ByteArrayInputStream(in), out, err))
                .isZero();
        String help = out();
        out.reset();
        assertThat(Main.run(same.split(" "), new ByteArrayInputStream(in), out, err))
                .isZero();
        assertThat(help).isEqualTo(out()).contains("Usage: dmio");
        assertThat(err()).isEmpty();
    }

    @Test
    void infoTellsWhatAFilePromises() throws IOException {
        file("src", 8192);
        assertThat(dmio("info", "src")).isZero();
        assertThat(out()).contains("8.0 KiB = 8,192 bytes = 16 sectors", "512 bytes logical", "flush", "engine");
    }

    @Test
    void infoTellsOfOddBytesAtTheEnd() throws IOException {
        file("src", 8193);
        assertThat(dmio("info", "--json", "src", "src")).isZero();
        assertThat(out())
                .hasLineCount(1)
                .contains("\"bytes\":8192")
                .contains("without the 1 byte after the last whole block");
    }

    @Test
    void theDemoEndsWithAllLegsEqual() throws IOException {
        file("src", 3_000_001);
        assertThat(dmio("demo", "src")).as(err()).isZero();
        assertThat(out())
                .contains(
                        "leg-0    in sync  has everything",
                        "leg-1    FAILED   lacks ",
                        "leg-1    in sync  ",
                        "all legs are equal",
                        "All 3 legs are equal to the input.");
        assertThat(out().lines())
                .allSatisfy(printed -> assertThat(printed.length()).isLessThanOrEqualTo(80));
        assertThat(out()).matches("[\\p{ASCII}]*");
    }

    @ParameterizedTest
    @ValueSource(strings = {"--legs 2 --direct", "--legs 16 --budget 4p --engine posix", "--json", "--keep"})
    void theDemoTakesOptionsAndTinyFiles(String options) throws IOException {
        file("src", 10);
        assertThat(dmio(("demo " + options + " src").split(" "))).as(err()).isZero();
        assertThat(out()).containsAnyOf("legs are equal to the input.", "\"allEqual\":true");
        out().lines().filter(line -> line.startsWith("The legs are in ")).forEach(CommandLineTest::delete);
    }

    private static void delete(String line) {
        Path kept = Path.of(line.substring("The legs are in ".length()));
        assertThat(kept.resolve("leg-0")).hasSize(21 * 4096);
        try (Stream<Path> legs = Files.list(kept)) {
            for (Path leg : legs.toList()) {
                Files.delete(leg);
            }
            Files.delete(kept);
        } catch (IOException failed) {
            throw new java.io.UncheckedIOException(failed);
        }
    }

    @Test
    void namesThatBeginWithAnAtSignAreNames() throws IOException {
        byte[] bytes = file("@snap", 4096);
        byte[] kept = file("b.img", 4096);
        Files.writeString(dir.resolve("snap"), path("a.img") + "\n" + path("b.img") + "\n");
        assertThat(dmio("copy", "@snap", "copy")).as(err()).isZero();
        assertThat(read("copy")).isEqualTo(bytes);
        assertThat(read("b.img")).isEqualTo(kept);
        String[] bare = {"copy", "@" + path("snap")};
        assertThat(Main.run(bare, new ByteArrayInputStream(in), out, err)).isOne();
        assertThat(read("b.img")).isEqualTo(kept);
    }

    @ParameterizedTest
    @ValueSource(strings = {"-V", "copy -V", "mirror -V", "mirror add -V", "serve --version"})
    void everyCommandTellsTheVersion(String line) {
        assertThat(dmio(line.split(" "))).isZero();
        assertThat(out()).startsWith("dmio ");
    }

    @ParameterizedTest
    @CsvSource({
        "coppy, did you mean copy?",
        "mirror stats, did you mean status?",
        "mirror hlep, did you mean help?",
        "mirror stat, did you mean status?",
        "mirror res, did you mean resync or resume?",
        "status, did you mean dmio mirror status?",
        "mirror info, did you mean dmio info?",
        "mirror check, did you mean dmio mirror config check?",
        "mirror config chekc, did you mean check?",
        "mirror help stats, did you mean status?",
        "help mirror stats, did you mean status?",
        "help miror, did you mean mirror?",
        "mirror delete, 'use one of create, status, scan, '",
        "bogus, 'use one of demo, copy, mirror, serve, info, bench'"
    })
    void aWordThatIsNoCommandIsToldWhichOneCouldBeMeant(String line, String words) {
        assertThat(Main.run(line.split(" "), new ByteArrayInputStream(in), out, err))
                .isOne();
        assertThat(err()).hasLineCount(1).contains("is no command: " + words);
    }
}
