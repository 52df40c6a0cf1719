package io.dmio.app.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.app.Main;
import io.dmio.app.OwnThread;
import io.dmio.app.cli.CommandContext;
import io.dmio.app.cli.Console;
import io.dmio.app.cli.ExitCode;
import io.dmio.app.cli.InUse;
import io.dmio.app.cli.ShutdownSignal;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Legs of a mirror that is served, which are not there, come, and go. */
class ServedLegsTest extends ServedLegsFixture {

    @Test
    void ofThreeLegsOfWhichTwoAreNeededOneMayBeMissingAndJoinsWhenItComes() throws Exception {
        create("--legs-min", "2", "a", "b", "c");
        move("b", "away");
        try (ServedMirror served = serve("a", "b", "c")) {
            byte[] bytes = write("disk");
            assertThat(mirror("status", "a")).isEqualTo(2);
            assertThat(out()).contains("1  missing");
            assertThat(err()).contains("leg 1 (" + path("b") + ") is missing (no such file): bring it back");
            move("away", "b");
            served.await("leg 1 (" + path("b") + ") is in sync");
            assertThat(mirror("status", "a")).as(err()).isZero();
            served.end();
            assertThat(Arrays.copyOf(read("b"), bytes.length)).isEqualTo(bytes);
        }
    }

    @Test
    void withoutOneThatMayHaveGoneOnAloneItStartsOnlyIfToldTo() throws Exception {
        create("a", "b");
        move("b", "away");
        assertThat(mirror("serve", "--unix", path("socket"), "a", "b"))
                .as("a start later may be better off")
                .isEqualTo(ExitCode.SOME_FAILED);
        assertThat(err())
                .contains("may have taken writes alone", path("b") + ": no such file")
                .hasLineCount(1);
        try (ServedMirror served = serve("--degraded", "a", "b")) {
            write("disk");
            move("away", "b");
            served.await("leg 1 (" + path("b") + ") is in sync");
            served.end();
        }
        assertThat(mirror("scrub", "a", "b")).as(err()).isZero();
    }

    @Test
    void whatIsNotTheLegDoesNotJoinAndIsNotWrittenTo() throws Exception {
        create("--legs-min", "2", "a", "b", "c");
        Files.delete(dir.resolve("b"));
        try (ServedMirror served = serve("a", "b", "c")) {
            byte[] blank = file("blank", 5 << 20);
            move("blank", "b");
            served.await(path("b") + ": does not join: ");
            assertThat(read("b")).isEqualTo(blank);
            Files.delete(dir.resolve("b"));
            create("other");
            byte[] other = read("other");
            move("other", "b");
            served.await("is a leg of another mirror");
            assertThat(read("b")).isEqualTo(other);
            assertThat(mirror("replace", "a", "--old", "1", "--new", "d"))
                    .as(err())
                    .isZero();
            served.end();
        }
    }

    @Test
    void aFileThatIsReplacedOrCutShortIsItsLegsFailureAndNoZeroesAreRead() throws Exception {
        create("a", "b");
        try (ServedMirror served = serve("a", "b")) {
            byte[] bytes = write("disk");
            try (FileChannel file = FileChannel.open(dir.resolve("a"), StandardOpenOption.WRITE)) {
                file.truncate(1 << 20);
            }
            served.await("leg 0 is out: ESTALE: " + path("a"));
            assertThat(copied()).isEqualTo(bytes);
            assertThat(mirror("status", "b")).isEqualTo(2);
            assertThat(err()).contains("the file was cut short, to 1048576 of");
            assertThat(mirror("replace", "b", "--old", "0", "--new", "c"))
                    .as(err())
                    .isZero();
            move("b", "away");
            Files.copy(dir.resolve("away"), dir.resolve("b"));
            served.await("leg 1 is out: ESTALE: " + path("b"));
            served.await("leg 1 (" + path("b") + ") is in sync");
            assertThat(copied()).isEqualTo(bytes);
            move("b", "aside");
            served.await("leg 1 is out: ESTALE: " + path("b"));
            move("aside", "b");
            served.await("leg 1 (" + path("b") + ") is in sync");
            served.end();
        }
        assertThat(mirror("scrub", "b", "c")).as(err()).isZero();
    }

    @Test
    void aFileThatIsMadeLongerIsToldAsTheNextStartDoesNotFindItsLeg() throws Exception {
        create("a", "b");
        long bytes = Files.size(dir.resolve("b"));
        try (ServedMirror served = serve("a", "b");
                FileChannel file = FileChannel.open(dir.resolve("b"), StandardOpenOption.WRITE)) {
            file.write(ByteBuffer.wrap(new byte[1]), bytes + 4095);
            served.await(path("b") + ": was made longer, by 4096 bytes");
            file.truncate(bytes);
            served.await(path("b") + ": is as long again as it was");
            served.end();
        }
        assertThat(mirror("scrub", "a", "b")).as(err()).isZero();
    }

    @Test
    void aLegThatCameWhileItIsServedFailsWithItsFileAsThoseOfTheStartDo() throws Exception {
        create("a", "b");
        try (ServedMirror served = serve("a", "b")) {
            assertThat(mirror("add", "a", "--new", "c")).as(err()).isZero();
            byte[] leg = read("c");
            Files.delete(dir.resolve("c"));
            served.await("leg 2 is out: ESTALE: " + path("c"));
            Files.write(dir.resolve("c"), leg);
            served.await("leg 2 (" + path("c") + ") is in sync");
            served.end();
        }
        assertThat(mirror("scrub", "a", "b", "c")).as(err()).isZero();
    }

    @Test
    void statusShowsTheTableWhateverIsMissingBrokenOrHeld() throws Exception {
        create("a", "b", "c");
        file("plain", BYTES);
        create("other");
        Files.delete(dir.resolve("b"));
        assertThat(mirror("status", "a", "b", "c", "plain", "other", "nowhere")).isEqualTo(2);
        assertThat(out()).contains("0  in sync", "1  missing", "2  in sync");
        assertThat(err())
                .contains("leg 1 (" + path("b") + ") is missing (no such file): bring it back")
                .contains(path("plain") + ": carries no mirror")
                .contains(path("other") + ": is of another mirror")
                .contains(path("nowhere") + ": no such file");
        assertThat(mirror("status", "plain", "nowhere")).isOne();
        try (ServedMirror served = serve("--degraded", "a", "c")) {
            write("disk");
            assertThat(dmio("mirror", "status", "--run-dir", "elsewhere", "a", "c"))
                    .isEqualTo(2);
            assertThat(out()).contains("open in process " + served.process(), "0  in sync", "2  in sync");
            assertThat(err()).doesNotContain("not closed in good order");
            assertThat(dmio("mirror", "resync", "--run-dir", "elsewhere", "a", "c"))
                    .isOne();
            assertThat(err()).contains("EBUSY", "the mirror is open in process " + served.process());
            served.kill();
        }
        assertThat(mirror("assemble", "--degraded", "c")).isEqualTo(2);
        assertThat(mirror("assemble", "--degraded", "a")).isEqualTo(2);
        assertThat(mirror("status", "a", "c")).isEqualTo(2);
        assertThat(out()).contains("0  ", "1  missing", "2  ");
        assertThat(err()).contains("dmio mirror assemble --trust");
    }

    @Test
    void whoeverWatchesSeesEachChangeUntilHeStops() throws Exception {
        create("a", "b");
        ShutdownSignal stop = new ShutdownSignal();
        ByteArrayOutputStream seen = new ByteArrayOutputStream();
        Console console = Console.plain(new ByteArrayInputStream(in), seen, err);
        String[] words = {"mirror", "status", "--watch", "--run-dir", path("run"), path("a")};
        try (ServedMirror served = serve("a", "b")) {
            CompletableFuture<Integer> watching =
                    OwnThread.call(() -> Main.run(words, new CommandContext(console, stop, InUse.here())));
            awaitText(seen, " 1 AA 1 core\n");
            assertThat(mirror("remove", "a", "--out", "1")).as(err()).isZero();
            awaitText(seen, "1 " + path("a") + " 64/64 1 A 1 core\n");
            stop.request();
            assertThat(watching.get(60, TimeUnit.SECONDS)).isZero();
            assertThat(seen.toString(StandardCharsets.UTF_8).lines()).doesNotHaveDuplicates();
            served.end();
        }
    }

    private static void awaitText(ByteArrayOutputStream seen, String text) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (!seen.toString(StandardCharsets.UTF_8).contains(text)) {
            assertThat(System.nanoTime())
                    .as(seen.toString(StandardCharsets.UTF_8))
                    .isLessThan(end);
            Thread.onSpinWait();
        }
    }
}
