package io.dmio.app.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.app.CommandLineFixture;
import io.dmio.app.Main;
import io.dmio.app.OwnThread;
import io.dmio.app.cli.CommandContext;
import io.dmio.app.cli.Console;
import io.dmio.app.cli.InUse;
import io.dmio.app.cli.ShutdownSignal;
import io.dmio.app.cli.Sizes;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class MirrorCommandTest extends CommandLineFixture {

    private static final int LEG_BYTES = 4 << 20;

    @Test
    void newFilesAreInSyncAtOnceAndTakeNoSpace() throws IOException {
        good("mirror", "create", "--size", "64M", "a", "b");
        assertThat(out()).contains("64.0 MiB in 512 chunks of 128.0 KiB", "0  in sync", "1  in sync");
        assertThat(blocks("a")).isLessThan(2048);
        assertThat(blocks("b")).isLessThan(2048);
        good("mirror", "status", "--line", "a", "b");
        assertThat(out()).contains(" 512/512 1 AA 1 core");
    }

    @Test
    void theFirstLegKeepsItsBytesAndTheOthersGetThem() throws IOException {
        byte[] first = file("a", LEG_BYTES);
        file("b", LEG_BYTES - 4096);
        good("mirror", "create", "--force", "a", "b");
        int data = LEG_BYTES - 4096 - (17 + 3) * 4096;
        assertThat(out()).contains(Sizes.human(data));
        assertThat(read("a", data)).isEqualTo(Arrays.copyOf(first, data)).isEqualTo(read("b", data));
    }

    @Test
    void lookingWritesNothing() throws IOException {
        create("a", "b");
        assertThat(dmio("mirror", "assemble", "--degraded", "--no-wait", "a")).isEqualTo(2);
        byte[] a = read("a");
        byte[] b = read("b");
        dmio("mirror", "status", "a", "b");
        dmio("mirror", "status", "--line", "a");
        assertThat(read("a")).isEqualTo(a);
        assertThat(read("b")).isEqualTo(b);
    }

    @Test
    void aMissingLegIsNamedWithWhatToDo() throws IOException {
        create("a", "b", "c");
        assertThat(dmio("mirror", "status", "a", "c")).isEqualTo(2);
        assertThat(err()).hasLineCount(1).contains("leg 1", "is missing", "dmio mirror remove --degraded --out 1");
        assertThat(dmio("mirror", "resync", "a", "c")).isOne();
        assertThat(err()).contains("may have taken writes alone", "dmio mirror assemble --degraded");
        assertThat(dmio("mirror", "assemble", "--degraded", "a", "c")).isEqualTo(2);
        assertThat(dmio("mirror", "resync", "a", "c")).isEqualTo(2);
        good("mirror", "remove", "a", "c", "--out", "1");
        good("mirror", "status", "a", "c");
    }

    @Test
    void legsThatWentOnWithoutEachOtherNeedSomebodyToSayWhichCounts() throws IOException {
        create("a", "b");
        assertThat(dmio("mirror", "assemble", "--degraded", "a")).isEqualTo(2);
        assertThat(dmio("mirror", "assemble", "--degraded", "b")).isEqualTo(2);
        write("b", 8192, 7);
        assertThat(dmio("mirror", "resync", "a", "b")).isOne();
        assertThat(err()).contains("went on without", "dmio mirror assemble --trust");
        err.reset();
        assertThat(dmio("mirror", "status", "a", "b")).isEqualTo(2);
        assertThat(err())
                .hasLineCount(1)
                .contains("dmio mirror assemble --trust"); // not to take out what went on alone
        good("mirror", "assemble", "--trust", "b", "a", "b");
        assertThat(read("a")[8192]).isEqualTo((byte) 7);
        good("mirror", "scrub", "a", "b");
    }

    @Test
    void ofThreeLegsTheMajorityIsRight() throws IOException {
        create("a", "b", "c");
        write("a", 4096, 9);
        assertThat(dmio("mirror", "scrub", "--check", "a", "b", "c")).isEqualTo(2);
        assertThat(out()).contains("1 sector differs, 0 repaired", "sectors [8, 9) differ on leg 0");
        good("mirror", "scrub", "--repair", "a", "b", "c");
        assertThat(read("a")[4096]).isZero();
        good("mirror", "scrub", "a", "b", "c");
        assertThat(out()).contains("all legs are equal");
    }

    @Test
    void ofTwoLegsNobodyIsRightUntilTheOperatorSaysWho() throws IOException {
        create("a", "b");
        write("b", 4096, 9);
        assertThat(dmio("mirror", "scrub", "--repair", "a", "b")).isEqualTo(2);
        assertThat(err())
                .hasLineCount(1)
                .contains("1 sector that still differs", "dmio mirror scrub --repair", "--from");
        assertThat(read("b")[4096]).isEqualTo((byte) 9);
        good("mirror", "scrub", "--repair", "--from", "b", "a", "b");
        assertThat(read("a")[4096]).isEqualTo((byte) 9);
        assertThat(dmio("mirror", "scrub", "--from", "b", "a", "b")).isOne();
        assertThat(err()).contains("add --repair");
    }

    @Test
    void aLegComesAndAnotherGoes() throws IOException {
        byte[] bytes = file("a", LEG_BYTES);
        good("mirror", "create", "--force", "a");
        good("mirror", "add", "a", "--new", "b");
        good("mirror", "replace", "a", "b", "--old", "a", "--new", "c");
        assertThat(read("c", 1 << 20)).isEqualTo(Arrays.copyOf(bytes, 1 << 20)).isEqualTo(read("b", 1 << 20));
        good("mirror", "status", "b", "c");
        assertThat(dmio("mirror", "status", "a")).isOne();
        assertThat(err()).contains("a: carries no mirror");
        good("mirror", "remove", "b", "c", "--out", "b");
        assertThat(dmio("mirror", "remove", "c", "--out", "c")).isOne();
        assertThat(err()).contains("no other leg has everything");
    }

    @Test
    void aSplitLegIsAnImageOfItsOwn() throws IOException {
        byte[] bytes = file("a", LEG_BYTES);
        file("b", LEG_BYTES);
        good("mirror", "create", "--force", "a", "b");
        good("mirror", "split", "a", "b", "--out", "b");
        assertThat(out()).contains("is an image of its own now: its first ");
        assertThat(read("b", 1 << 20)).isEqualTo(Arrays.copyOf(bytes, 1 << 20));
        good("mirror", "status", "a");
        good("mirror", "create", "--force", "b");
    }

    @Test
    void itGrowsWhenAllLegsHaveRoom() throws IOException {
        file("a", LEG_BYTES);
        file("b", 2 * LEG_BYTES);
        file("c", 2 * LEG_BYTES);
        good("mirror", "create", "--force", "a", "b");
        good("mirror", "grow", "a", "b");
        assertThat(err()).contains("no more room", "replace that one by a larger one first");
        good("mirror", "replace", "a", "b", "--old", "a", "--new", "c");
        good("mirror", "grow", "b", "c");
        String size = Sizes.human(2 * LEG_BYTES - (17 + 3) * 4096);
        assertThat(out()).contains(size);
        assertThat(err()).isEmpty();
        for (String again :
                List.of("mirror grow b c", "mirror grow --size " + (2 * LEG_BYTES - (17 + 3) * 4096) + " b c")) {
            good(again.split(" ")); // as after it was killed
            assertThat(out()).contains(size);
            assertThat(err()).contains("the mirror has " + size + " already");
        }
        assertThat(dmio("mirror", "grow", "--size", "1M", "b", "c")).isOne();
        good("mirror", "scrub", "b", "c");
    }

    @Test
    void aRefusedLegLeavesNothingBehind() throws IOException {
        create("a", "b");
        file("small", 8 * 4096);
        assertThat(dmio("mirror", "add", "a", "b", "--new", "small")).isOne();
        assertThat(read("small")).isEqualTo(random(8 * 4096));
        assertThat(dmio("mirror", "create", "--size", "64M", "--chunk", "100", "x", "y"))
                .isOne();
        assertThat(dmio("mirror", "create", "--size", "64M", "a", "x")).isOne();
        assertThat(err()).contains("carries a mirror already", "--force");
        assertThat(dir.resolve("x")).doesNotExist();
        good("mirror", "create", "--force", "a", "b");
    }

    @Test
    void somebodyWhoStopsACopyIsToldHowMuchIsLeftAndItGoesOnThere() throws Exception {
        byte[] bytes = file("a", LEG_BYTES);
        Files.write(dir.resolve("b"), new byte[LEG_BYTES]);
        ShutdownSignal stop = new ShutdownSignal();
        CommandContext context =
                new CommandContext(Console.plain(new ByteArrayInputStream(in), out, err), stop, InUse.here());
        String[] args = {"mirror", "create", "--force", "--rate", "1M", path("a"), path("b")};
        Future<Integer> created = OwnThread.call(() -> Main.run(args, context));
        while (!created.isDone() && !Arrays.equals(read("b"), 0, 512, bytes, 0, 512)) {
            Thread.onSpinWait(); // until the copy has begun
        }
        stop.request();
        assertThat(created.get(60, TimeUnit.SECONDS)).isEqualTo(130);
        assertThat(err()).contains("stopped: ", "are left to copy; dmio mirror resync goes on there");
        good("mirror", "resync", "a", "b");
        assertThat(read("b", 1 << 20)).isEqualTo(Arrays.copyOf(bytes, 1 << 20));
    }

    @Test
    void jsonIsOneObjectOnOneLine() throws IOException {
        create("a", "b");
        out.reset();
        assertThat(dmio("mirror", "scrub", "--json", "a", "b")).isZero();
        assertThat(out())
                .hasLineCount(1)
                .startsWith("{\"scrub\":{\"sectorsCompared\":")
                .contains("\"inSync\":true", "\"staleChunks\":0", "\"state\":\"IN_SYNC\"", "\"equal\":true");
        out.reset();
        assertThat(dmio("mirror", "status", "--json", "a")).isEqualTo(2);
        assertThat(out()).hasLineCount(1).contains("\"inSync\":false", "\"state\":\"MISSING\"");
    }

    private void create(String... legs) throws IOException {
        for (String leg : legs) {
            Files.write(dir.resolve(leg), new byte[LEG_BYTES]);
        }
        String[] words = Stream.concat(Stream.of("mirror", "create", "--equal"), Arrays.stream(legs))
                .toArray(String[]::new);
        good(words);
    }

    private void good(String... words) {
        err.reset();
        assertThat(dmio(words)).as(err()).isZero();
    }

    private void write(String name, long at, int value) throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(path(name), "rw")) {
            file.seek(at);
            file.write(value);
        }
    }

    private byte[] read(String name, int length) {
        return Arrays.copyOf(read(name), length);
    }

    /** Sectors that the file takes on its disk. */
    private long blocks(String name) throws IOException {
        Process du = new ProcessBuilder("stat", "-c", "%b", path(name)).start();
        return Long.parseLong(new String(du.getInputStream().readAllBytes(), StandardCharsets.UTF_8).trim());
    }
}
