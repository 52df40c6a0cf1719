package io.dmio.examples.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.dmio.BlockDevice;
import io.dmio.engine.IoEngines;
import io.dmio.engine.OpenOptions;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class CommandLineTest {

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @TempDir
    private Path dir;

    private byte[] in = {};

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 511, 512, 513, 4095, 4097, (1 << 20) - 1, 1 << 20, (1 << 20) + 1})
    void newFilesAreExactCopies(int length) throws IOException {
        byte[] bytes = file("src", length);
        assertThat(dmio("copy", "src", "a", "b")).isZero();
        assertThat(dmio("copy", "--direct", "--verify", "--engine", "posix", "--budget", "4p", "src", "c"))
                .isZero();
        assertThat(read("a")).isEqualTo(bytes);
        assertThat(read("b")).isEqualTo(bytes);
        assertThat(read("c")).isEqualTo(bytes);
        assertThat(err()).isEmpty();
        assertThat(out()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 513, 4096, 1_000_001})
    void standardInputBecomesFilesOfItsLength(int length) {
        in = random(length);
        assertThat(dmio("copy", "-", "a", "b")).isZero();
        assertThat(read("a")).isEqualTo(in);
        assertThat(read("b")).isEqualTo(in);
    }

    @Test
    void standardOutputIsADestinationAmongOthers() throws IOException {
        byte[] bytes = file("src", 100_001);
        assertThat(dmio("copy", "src", "a", "-")).isZero();
        assertThat(out.toByteArray()).isEqualTo(bytes);
        assertThat(read("a")).isEqualTo(bytes);
    }

    @Test
    void aPipeIsASource() throws IOException, InterruptedException {
        assumeThat(new ProcessBuilder("mkfifo", path("pipe")).start().waitFor()).isZero();
        Process writer = new ProcessBuilder("sh", "-c", "printf hello > '" + path("pipe") + "'").start();
        assertThat(dmio("copy", "pipe", "a")).isZero();
        assertThat(read("a")).asString().isEqualTo("hello");
        assertThat(writer.waitFor()).isZero();
    }

    @ParameterizedTest
    @CsvSource({"513, 513", "513, 2000", "1024, 2048", "100, 8191"})
    void anExistingFileKeepsItsLength(int length, int existing) throws IOException {
        byte[] bytes = file("src", length);
        byte[] old = file("a", existing);
        assertThat(dmio("copy", "src", "a")).isZero();
        byte[] now = read("a");
        assertThat(now).hasSize(existing);
        assertThat(Arrays.copyOf(now, length)).isEqualTo(bytes);
        int block = Math.min((length + 511) / 512 * 512, existing);
        assertThat(Arrays.copyOfRange(now, length, block)).isEqualTo(new byte[block - length]);
        assertThat(Arrays.copyOfRange(now, block, existing)).isEqualTo(Arrays.copyOfRange(old, block, existing));
    }

    @ParameterizedTest
    @CsvSource({"5000, 100", "100, 5000", "4096, 4096"})
    void resizeGivesAnExistingFileTheLengthOfTheSource(int length, int existing) throws IOException {
        byte[] bytes = file("src", length);
        file("a", existing);
        assertThat(dmio("copy", "--resize", "src", "a")).isZero();
        assertThat(read("a")).isEqualTo(bytes);
    }

    @Test
    void aDestinationSmallerThanTheSourceIsRefusedAndNothingWritten() throws IOException {
        file("src", 5000);
        byte[] old = file("a", 4999);
        assertThat(dmio("copy", "src", "new", "a")).isEqualTo(1);
        assertThat(err())
                .isEqualTo(
                        "dmio: " + path("a")
                                + ": is smaller than the source: it has 4,999 bytes, the source 5,000; --resize lets it grow\n");
        assertThat(read("a")).isEqualTo(old);
        assertThat(dir.resolve("new")).doesNotExist();
    }

    @Test
    void theSameFileTwiceIsRefusedHoweverItIsCalled() throws IOException {
        file("src", 5000);
        file("a", 5000);
        Files.createSymbolicLink(dir.resolve("link"), dir.resolve("a"));
        Files.createLink(dir.resolve("hard"), dir.resolve("a"));
        for (String[] twice : new String[][] {
            {"src", "src"},
            {"src", "a", "a"},
            {"src", "a", "link"},
            {"src", "link", "hard"},
            {"a", "hard"},
            {"src", "new", "./new"},
            {"src", "-", "-"}
        }) {
            err.reset();
            String[] args =
                    Stream.concat(Stream.of("copy"), Arrays.stream(twice)).toArray(String[]::new);
            assertThat(dmio(args)).as(String.join(" ", args)).isEqualTo(1);
            assertThat(err()).contains("is the same as").hasLineCount(1);
        }
        assertThat(dir.resolve("new")).doesNotExist();
    }

    @Test
    void aLegThatSomebodyElseWritesIsRefused() throws IOException {
        file("src", 4096);
        byte[] old = file("a", 4096);
        BlockDevice mirrorLeg = IoEngines.posix()
                .open(dir.resolve("a"), OpenOptions.readWrite())
                .blockOptional().orElseThrow();
        try {
            assertThat(dmio("copy", "src", "new", "a")).isEqualTo(1);
            assertThat(dmio("copy", "--resize", "src", "a")).isEqualTo(1);
        } finally {
            mirrorLeg.close().block();
        }
        assertThat(err())
                .contains("EBUSY")
                .contains("is open for writing elsewhere")
                .hasLineCount(2);
        assertThat(read("a")).isEqualTo(old);
        assertThat(dir.resolve("new")).doesNotExist();
    }

    @Test
    void aReportInJsonIsOneLineOnStandardOutput() throws IOException {
        file("src", 1000);
        assertThat(dmio("copy", "--json", "--verify", "src", "a")).isZero();
        assertThat(out())
                .hasLineCount(1)
                .startsWith("{\"bytes\":1000,\"sha256\":\"")
                .contains("\"good\":true", "\"engine\":\"");
        assertThat(err()).isEmpty();
    }

    @Test
    void aFullFileSystemFailsItsLegAndNoOther() throws IOException {
        Path full = Path.of("/dev/full");
        assumeThat(full).exists();
        file("src", 1000);
        assertThat(dmio("copy", "src", "a", "/dev/full")).isEqualTo(1);
        assertThat(err()).contains("/dev/full: is a character device").hasLineCount(1);
    }

    @Test
    void aStopIsToldWithHowFarItCame() throws IOException {
        file("src", 1 << 20);
        Stop stop = new Stop();
        stop.request();
        Session session = new Session(Console.plain(new ByteArrayInputStream(in), out, err), stop, InUse.here());
        assertThat(Main.run(new String[] {"copy", path("src"), path("a")}, session))
                .isEqualTo(130);
        assertThat(err()).startsWith("dmio: stopped: ").hasLineCount(1);
        assertThat(read("a").length).isLessThan(1 << 20);
    }

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
    @MethodSource("badCommandLines")
    void badInputIsOneLineOnStandardErrorAndExitCodeOne(String line) throws IOException {
        file("src", 1000);
        String[] args = line.isEmpty() ? new String[0] : line.split(" ");
        assertThat(dmio(args)).isEqualTo(1);
        assertThat(err())
                .startsWith("dmio: ")
                .hasLineCount(1)
                .doesNotContain("Exception")
                .doesNotContain("\tat ");
        assertThat(out()).isEmpty();
        assertThat(dir.resolve("a")).doesNotExist();
    }

    @ParameterizedTest
    @ValueSource(strings = {"--help", "copy --help", "demo --help", "info --help", "--version"})
    void helpGoesToStandardOutput(String line) {
        assertThat(dmio(line.split(" "))).isZero();
        assertThat(out()).contains("dmio").doesNotContain("\u001b");
        assertThat(out().lines())
                .allSatisfy(printed -> assertThat(printed.length()).isLessThanOrEqualTo(80));
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
                        "error bits 0b010", "leg-1  FAILED  EIO", "leg-1  wrong", "All 3 legs are equal to the input.");
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
        assertThat(kept.resolve("leg-0")).hasSize(4096);
        try (Stream<Path> legs = Files.list(kept)) {
            for (Path leg : legs.toList()) {
                Files.delete(leg);
            }
            Files.delete(kept);
        } catch (IOException failed) {
            throw new java.io.UncheckedIOException(failed);
        }
    }

    /** Words without a dash or a slash in front that follow the command are files of this test. */
    private int dmio(String... words) {
        String[] args = words.clone();
        for (int i = 1; i < args.length; i++) {
            boolean value = args[i - 1].matches("--(budget|engine|legs)");
            if (!value && !args[i].startsWith("-") && !args[i].startsWith("/")) {
                args[i] = path(args[i]);
            }
        }
        return Main.run(args, new ByteArrayInputStream(in), out, err);
    }

    private String path(String name) {
        return dir + "/" + name;
    }

    private byte[] file(String name, int length) throws IOException {
        byte[] bytes = random(length);
        Files.write(dir.resolve(name), bytes);
        return bytes;
    }

    private byte[] read(String name) {
        try {
            return Files.readAllBytes(dir.resolve(name));
        } catch (IOException failed) {
            throw new java.io.UncheckedIOException(failed);
        }
    }

    private static byte[] random(int length) {
        byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        return bytes;
    }

    private String out() {
        return out.toString(StandardCharsets.UTF_8);
    }

    private String err() {
        return err.toString(StandardCharsets.UTF_8);
    }
}
