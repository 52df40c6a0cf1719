package io.dmio.app.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.dmio.BlockDevice;
import io.dmio.app.CommandLineFixture;
import io.dmio.app.Main;
import io.dmio.app.chart.Xml;
import io.dmio.app.cli.CommandContext;
import io.dmio.app.cli.Console;
import io.dmio.app.cli.FileId;
import io.dmio.app.cli.InUse;
import io.dmio.app.cli.ShutdownSignal;
import io.dmio.device.MemoryDevice;
import io.dmio.engine.IoEngines;
import io.dmio.engine.OpenOptions;
import io.dmio.nbd.NbdExport;
import io.dmio.nbd.NbdServer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The command on small files for milliseconds; no test looks at how fast anything was. */
class BenchCommandTest extends CommandLineFixture {

    private static final List<String> SHORT = List.of("--time", "50ms", "--warmup", "1ms", "--rounds", "1");

    @AfterEach
    void noFileOfTheBenchIsLeft() throws IOException {
        try (Stream<Path> files = Files.list(dir)) {
            assertThat(files.map(file -> String.valueOf(file.getFileName())))
                    .noneMatch(name -> name.startsWith("dmio-bench"));
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "--engine nope | nope",
                "--depth 0 | --depth 0: 1 to 1024",
                "--depth 1,1025 | --depth 1025: 1 to 1024",
                "--depth x | --depth",
                "--block 1000 | '1000' is not a block size: a multiple of 512 from 512 to 1M",
                "--block 2M | '2M' is not a block size",
                "--block 0 | '0' is not a block size",
                "--block 4q | '4q' is not a size",
                "--legs 0 | --legs 0: 1 to 64",
                "--legs 65 | --legs 65: 1 to 64",
                "--work frob | frob",
                "--work mixed --reads 100 | --reads 100: 1 to 99",
                "--reads 50 | has no effect without --work mixed",
                "--access sideways | sideways",
                "--time 5 | '5' is not a duration: write 200ms, 5s or 2m",
                "--time 0s | a measurement takes some time",
                "--rounds 0 | --rounds 0: 1 to 1000",
                "--size 100 | --size 100: whole pages of 4096 bytes",
                "--size 1E | 3 files of 1.0 EiB: 3.0 EiB needed, ",
                "--size 7E | 3 files of 7.0 EiB: 8.0 EiB needed, ",
                "--size 4K --block 64k | are too few for blocks of 64 KiB",
                "--depth 1024 --block 1M --work mixed | needs 3.0 GiB of buffers",
                "--direct --buffered | mutually exclusive",
                "--overwrite | --overwrite is for --device",
                "--svg /nowhere/x.svg | no such directory: /nowhere",
                "--against /nowhere | --against /nowhere: no such file; --json > /nowhere keeps a run",
                "--against /dev/null | --against /dev/null: is not what dmio bench --json prints",
                "--dir /nowhere | /nowhere: no such directory",
                "--device /nowhere | /nowhere: no such file",
                "--device / | /: is a directory; --dir makes files in it",
                "--device /dev/null --work read | is a character device",
                "extra | extra",
            })
    void badInputIsOneClearLine(String line, String why) {
        boolean place = line.contains("--dir") || line.contains("--device");
        String[] args = (place ? line : "--dir " + dir + " " + line).split(" ");
        assertThat(bench(args)).isEqualTo(1);
        assertThat(err()).startsWith("dmio: ").contains(why).hasLineCount(1).doesNotContain("Exception");
        assertThat(out()).doesNotContain("engine  legs");
    }

    @Test
    void aTableAndASentenceOfAdviceComeOut() {
        assertThat(small("--legs", "1,2", "--depth", "1,4", "--work", "write,read"))
                .as(err())
                .isZero();
        assertThat(err()).isEmpty();
        List<String> lines = out().lines().toList();
        assertThat(lines.get(lines.size() - 1)).startsWith("Advice for random ");
        assertThat(out()).contains("  machine  ", "  legs     2 files of 1.0 MiB in ", "rand write", "rand read");
        assertThat(lines.stream().filter(line -> line.contains(" KiB  ")))
                .hasSizeGreaterThanOrEqualTo(8)
                .allSatisfy(line -> assertThat(line.length()).isLessThanOrEqualTo(120));
    }

    @Test
    void aRunIsComparedWithOneThatWasKept() throws IOException {
        assertThat(small("--engine", "posix", "--depth", "1,2", "--json"))
                .as(err())
                .isZero();
        Path kept = Files.writeString(dir.resolve("kept.json"), out());
        small("--engine", "posix", "--depth", "1,2", "--against", kept.toString());
        assertThat(out())
                .contains("Against the run of ", "then", " of 2 variants slower, ")
                .doesNotContain("compare with care");
    }

    @Test
    void theFirstLookSaysWhatTheLargeMatrixAdds() {
        assertThat(small("--engine", "posix")).as(err()).isZero();
        assertThat(out())
                .contains("5 variants in 1 round", "--full measures 56 variants in about", "seq write   1 MiB");
    }

    @Test
    void jsonIsOneObjectWithMachineAndVariants() {
        assertThat(small("--json", "--engine", "posix", "--depth", "1,2", "--buffered"))
                .as(err())
                .isZero();
        assertThat(out())
                .hasLineCount(1)
                .startsWith("{\"time\":\"")
                .contains("\"machine\":{\"java\":\"", "\"processors\":", "\"devices\":[{\"name\":\"")
                .contains("\"direct\":false", "\"variants\":[{\"engine\":\"posix\",\"legs\":1,\"readPercent\":0,")
                .contains("\"latencyMicros\":{\"p50\":", "\"p99.9\":", "\"errors\":0", "\"advice\":[\"Advice for");
        assertThat(err()).isEmpty();
    }

    @Test
    void aPictureIsDrawn() throws IOException {
        assertThat(small("--engine", "posix", "--depth", "1,2", "--svg", path("x.svg")))
                .as(err())
                .isZero();
        String svg = Files.readString(dir.resolve("x.svg"));
        assertThat(Xml.classes(Xml.parse(svg), "rect", "card")).isEqualTo(2);
        assertThat(svg).contains("posix, 4 KiB").doesNotContain("dmio-bench-");
    }

    @Test
    void aDeviceIsNotOverwrittenWithoutLeave() throws IOException {
        byte[] old = file("leg", 1 << 20);
        assertThat(bench("--device", path("leg"))).isEqualTo(1);
        assertThat(bench("--device", path("leg"), "--work", "read,mixed")).isEqualTo(1);
        assertThat(err())
                .contains(path("leg")
                        + ": its content would be destroyed; add --overwrite if it may go, or measure --work read")
                .hasLineCount(2);
        assertThat(read("leg")).isEqualTo(old);
    }

    @Test
    void aPictureIsNotDrawnOverADevice() throws IOException {
        byte[] old = file("leg", 1 << 20);
        assertThat(brief("--device", path("leg"), "--work", "read", "--svg", dir + "/./leg"))
                .isEqualTo(1);
        assertThat(err()).contains("is given by --device already").hasLineCount(1);
        assertThat(read("leg")).isEqualTo(old);
    }

    @Test
    void readingADeviceLeavesItAsItIs() throws IOException {
        byte[] old = file("leg", 1 << 20);
        assertThat(brief("--device", path("leg"), "--work", "read", "--depth", "1,2"))
                .as(err())
                .isZero();
        assertThat(out()).contains("the first 1.0 MiB of " + path("leg"), "rand read");
        assertThat(read("leg")).isEqualTo(old);
    }

    @Test
    void withLeaveOnlyTheFirstPartIsWritten() throws IOException {
        byte[] old = file("leg", 1 << 20);
        assertThat(brief("--device", path("leg"), "--overwrite", "--size", "64K", "--depth", "4"))
                .as(err())
                .isZero();
        byte[] now = read("leg");
        assertThat(now).hasSize(1 << 20).isNotEqualTo(old);
        assertThat(Arrays.copyOfRange(now, 1 << 16, 1 << 20)).isEqualTo(Arrays.copyOfRange(old, 1 << 16, 1 << 20));
    }

    @Test
    void allNamedDevicesAreLegs() throws IOException {
        file("a", 1 << 20);
        file("b", 1 << 20);
        assertThat(brief("--device", path("a"), "--device", path("b"), "--overwrite", "--depth", "2", "--json"))
                .as(err())
                .isZero();
        assertThat(out()).contains("\"legs\":2");
        assertThat(read("a")).as("the same bytes went to both").isNotEqualTo(random(1 << 20));
        assertThat(bench("--device", path("a"), "--device", path("b"), "--overwrite", "--legs", "3"))
                .isEqualTo(1);
        assertThat(bench("--device", path("a"), "--device", path("a"), "--work", "read"))
                .isEqualTo(1);
        assertThat(err())
                .contains("--legs 3: only 2 given by --device", "is the same as")
                .hasLineCount(2);
    }

    @Test
    void exportsAreLegsAndAskForNoEngine() throws IOException {
        MemoryDevice disk = MemoryDevice.of("disk", 2048);
        NbdServer server = Objects.requireNonNull(NbdServer.builder()
                .bind(dir.resolve("socket"))
                .export(NbdExport.of("", disk))
                .export(NbdExport.of("fixed", disk).asReadOnly())
                .start()
                .block());
        String uri = "nbd+unix:///?socket=" + path("socket");
        assertThat(brief("--device", uri, "--work", "read", "--depth", "1,4"))
                .as(err())
                .isZero();
        assertThat(out())
                .contains("engines  nbd", "note     exports: their servers", "Advice for random reads from 1 leg");
        file("leg", 1 << 20);
        assertThat(brief("--device", path("leg"), "--device", uri, "--overwrite", "--engine", "posix", "--depth", "4"))
                .as(err())
                .isZero();
        assertThat(disk.snapshot(0, 2048)).isNotEqualTo(new byte[1 << 20]);
        assertThat(bench("--device", uri)).isEqualTo(1);
        assertThat(bench("--device", uri, "--work", "read", "--engine", "posix"))
                .isEqualTo(1);
        assertThat(brief("--device", uri.replace("///", "///fixed"), "--overwrite", "--depth", "4"))
                .isEqualTo(1);
        assertThat(err())
                .contains("add --overwrite if it may go", "--engine: NBD exports use none", "fixed")
                .contains("is read-only; measure --work read")
                .hasLineCount(3);
        server.close().block();
        disk.close().block();
    }

    @Test
    void aDeviceThatIsInUseIsRefusedEvenWithLeave() throws IOException {
        Path root = Files.createDirectories(dir.resolve("root"));
        Path loop = Path.of("/dev/loop0");
        assumeThat(loop).exists();
        FileId id = FileId.of(loop.toString());
        Files.createDirectories(root.resolve("proc/self"));
        Files.writeString(
                root.resolve("proc/self/mountinfo"), "36 35 " + id.deviceNumber() + " / /home rw - ext4 /dev/x rw\n");
        CommandContext context = new CommandContext(
                Console.plain(new ByteArrayInputStream(in), out, err), new ShutdownSignal(), new InUse(root));
        assertThat(Main.run(new String[] {"bench", "--device", "/dev/loop0", "--overwrite"}, context))
                .isEqualTo(1);
        assertThat(err()).isEqualTo("dmio: /dev/loop0: would be overwritten, and it is mounted on /home\n");
    }

    @Test
    void aLegThatSomebodyElseWritesIsRefused() throws IOException {
        byte[] old = file("leg", 1 << 20);
        BlockDevice other = IoEngines.posix()
                .open(dir.resolve("leg"), OpenOptions.readWrite())
                .blockOptional()
                .orElseThrow();
        try {
            assertThat(bench("--device", path("leg"), "--overwrite")).isEqualTo(1);
        } finally {
            other.close().block();
        }
        assertThat(err()).contains("EBUSY", "is open for writing elsewhere").hasLineCount(1);
        assertThat(read("leg")).isEqualTo(old);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "--json"})
    void aStopLeavesNoFileAndSaysHowFarItCame(String option) {
        ShutdownSignal stop = new ShutdownSignal();
        stop.request();
        CommandContext context =
                new CommandContext(Console.plain(new ByteArrayInputStream(in), out, err), stop, InUse.here());
        String[] args = ("bench --dir " + dir + " --size 1M " + option).trim().split(" ");
        assertThat(Main.run(args, context)).isEqualTo(130);
        assertThat(err()).matches("dmio: stopped: 0 of \\d+ variants measured\n");
    }

    private int small(String... more) {
        String[] place = {"--dir", dir.toString(), "--size", "1M"};
        return brief(Stream.of(place, more).flatMap(Arrays::stream).toArray(String[]::new));
    }

    private int brief(String... more) {
        return bench(Stream.concat(SHORT.stream(), Arrays.stream(more)).toArray(String[]::new));
    }

    private int bench(String... args) {
        String[] line = Stream.concat(Stream.of("bench"), Arrays.stream(args)).toArray(String[]::new);
        return Main.run(line, new ByteArrayInputStream(in), out, err);
    }
}
