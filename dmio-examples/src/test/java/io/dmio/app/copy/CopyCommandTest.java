package io.dmio.app.copy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.dmio.BlockDevice;
import io.dmio.Extent;
import io.dmio.Sectors;
import io.dmio.app.CommandLineFixture;
import io.dmio.app.Main;
import io.dmio.app.cli.CommandContext;
import io.dmio.app.cli.Console;
import io.dmio.app.cli.InUse;
import io.dmio.app.cli.ShutdownSignal;
import io.dmio.engine.IoEngines;
import io.dmio.engine.OpenOptions;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CopyCommandTest extends CommandLineFixture {
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 511, 512, 513, 4095, 4097, (1 << 20) - 1, 1 << 20, (1 << 20) + 1})
    void newFilesAreExactCopies(int length) throws IOException {
        byte[] bytes = file("src", length);
        assertThat(dmio("copy", "src", "a", "b")).isZero();
        assertThat(dmio("copy", "--direct", "--verify", "--engine", "posix", "--budget", "4p", "src", "c"))
                .isZero();
        assertThat(dmio("copy", "--verify", "--engine", "jdk", "src", "d")).isZero();
        assertThat(read("a")).isEqualTo(bytes);
        assertThat(read("b")).isEqualTo(bytes);
        assertThat(read("c")).isEqualTo(bytes);
        assertThat(read("d")).isEqualTo(bytes);
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
                .blockOptional()
                .orElseThrow();
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
    void aDeviceWithoutSectorsIsRefusedByItsKind() throws IOException {
        Path full = Path.of("/dev/full");
        assumeThat(full).exists();
        file("src", 1000);
        assertThat(dmio("copy", "src", "a", "/dev/full")).isEqualTo(1);
        assertThat(err()).contains("/dev/full: is a character device").hasLineCount(1);
    }

    @Test
    void aStopIsToldWithHowFarItCame() throws IOException {
        file("src", 1 << 20);
        ShutdownSignal stop = new ShutdownSignal();
        stop.request();
        CommandContext context =
                new CommandContext(Console.plain(new ByteArrayInputStream(in), out, err), stop, InUse.here());
        assertThat(Main.run(new String[] {"copy", path("src"), path("a")}, context))
                .isEqualTo(130);
        assertThat(err()).startsWith("dmio: stopped: ").hasLineCount(1);
        assertThat(read("a").length).isLessThan(1 << 20);
    }

    @Test
    void whoMayNotReadTheSourceMayNotReadTheCopy() throws IOException {
        for (String mode : List.of("rw-------", "rw-r-----", "r--r--r--")) {
            file("src", 5000);
            Files.setPosixFilePermissions(dir.resolve("src"), PosixFilePermissions.fromString(mode));
            assertThat(dmio("copy", "src", "new")).as(err()).isZero();
            assertThat(PosixFilePermissions.fromString(mode))
                    .as(mode)
                    .containsAll(Files.getPosixFilePermissions(dir.resolve("new")));
            Files.delete(dir.resolve("new"));
            Files.delete(dir.resolve("src"));
        }
    }

    @Test
    void filesOfTheKernelAreReadToTheirEnd() throws IOException {
        for (String file : List.of("/proc/version", "/sys/kernel/mm/transparent_hugepage/enabled")) {
            assumeTrue(Files.exists(Path.of(file)), file + " is not there");
            assertThat(Main.run(new String[] {"copy", file, path("copy")}, new ByteArrayInputStream(in), out, err))
                    .as(err())
                    .isZero();
            assertThat(read("copy")).isNotEmpty().isEqualTo(Files.readAllBytes(Path.of(file)));
            Files.delete(dir.resolve("copy"));
        }
    }

    @Test
    void aNewFileHasHolesWhereTheSourceHasZeroesUnlessNotWanted() throws IOException {
        byte[] bytes = new byte[4 << 20];
        bytes[3 << 20] = 1;
        Files.write(dir.resolve("src"), bytes);
        assertThat(dmio("copy", "src", "sparse")).as(err()).isZero();
        assertThat(dmio("copy", "--no-sparse", "src", "full")).as(err()).isZero();
        assertThat(read("sparse")).isEqualTo(bytes);
        assertThat(read("full")).isEqualTo(bytes);
        assertThat(dataBytes("sparse")).isLessThan(bytes.length / 2);
        assertThat(dataBytes("full")).isEqualTo(bytes.length);
    }

    /** How much of a file is no hole. */
    private long dataBytes(String name) {
        BlockDevice file = Objects.requireNonNull(
                IoEngines.best().open(dir.resolve(name), OpenOptions.readOnly()).block());
        try {
            return Objects.requireNonNull(
                            file.extents(0, file.info().sectorCount()).block())
                    .stream()
                    .filter(extent -> extent.kind() != Extent.Kind.HOLE)
                    .mapToLong(extent -> Sectors.toBytes(extent.sectorCount()))
                    .sum();
        } finally {
            file.close().block();
        }
    }

    @Test
    void aSlowCopyTakesSmallPieces() throws IOException {
        file("src", 64 * 4096);
        ShutdownSignal stop = new ShutdownSignal();
        stop.request();
        CommandContext context =
                new CommandContext(Console.plain(new ByteArrayInputStream(in), out, err), stop, InUse.here());
        assertThat(Main.run(new String[] {"copy", "--rate", "1", path("src"), path("dst")}, context))
                .isEqualTo(130);
        assertThat(Files.size(dir.resolve("dst"))).isLessThanOrEqualTo(4096);
    }
}
