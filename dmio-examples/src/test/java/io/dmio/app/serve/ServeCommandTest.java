package io.dmio.app.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.dmio.app.CommandLineFixture;
import io.dmio.app.Main;
import io.dmio.app.OwnThread;
import io.dmio.app.cli.CommandContext;
import io.dmio.app.cli.Console;
import io.dmio.app.cli.InUse;
import io.dmio.app.cli.ShutdownSignal;
import io.dmio.device.MemoryDevice;
import io.dmio.nbd.NbdExport;
import io.dmio.nbd.NbdServer;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ServeCommandTest extends CommandLineFixture {

    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final int BYTES = 4 << 20;

    private final ShutdownSignal stop = new ShutdownSignal();
    private final ByteArrayOutputStream said = new ByteArrayOutputStream();
    private CompletableFuture<Integer> serving = CompletableFuture.completedFuture(0);

    @AfterEach
    void end() {
        stop.request();
        serving.join();
    }

    @Test
    void aFileIsServedUnderEveryNameUntilStopped() throws IOException {
        byte[] bytes = file("disk", BYTES);
        serve("serve", "--budget", "2p", "--unix", path("socket"), path("disk"));
        String uri = "nbd+unix:///?socket=" + path("socket");
        assertThat(said()).isEqualTo("ready " + uri + "\n");
        assertThat(run("info", uri)).as(err()).isZero();
        assertThat(out()).contains("an NBD export", "4.0 MiB = 4,194,304 bytes", "engine    nbd");
        assertThat(run("copy", "--verify", uri, path("copy"))).as(err()).isZero();
        assertThat(read("copy")).isEqualTo(bytes);
        stop.request();
        assertThat(serving.join()).isZero();
        assertThat(Path.of(path("socket"))).doesNotExist();
    }

    @ParameterizedTest
    @ValueSource(ints = {BYTES + 1, BYTES + 320, BYTES + 511, 700})
    void aFileThatIsNoWholeNumberOfBlocksIsServedForReadingToItsLastByte(int length) throws IOException {
        byte[] bytes = file("odd", length);
        assertThat(run("serve", "--unix", path("socket"), path("odd"))).isNotZero();
        assertThat(err()).contains("not whole blocks");
        serve("serve", "--read-only", "--unix", path("socket"), path("odd"));
        String uri = "nbd+unix:///?socket=" + path("socket");
        assertThat(run("info", uri)).as(err()).isZero();
        assertThat(out()).contains(length % 512 + " byte");
        assertThat(run("copy", "--verify", uri, path("copy"))).as(err()).isZero();
        assertThat(read("copy")).isEqualTo(bytes);
        assertThat(run("copy", uri, "-")).as(err()).isZero();
        assertThat(out.toByteArray()).endsWith(bytes);
    }

    @ParameterizedTest
    @ValueSource(ints = {BYTES + 320, BYTES + 200, BYTES})
    void anExportThatIsNoWholeNumberOfBlocksIsWrittenToItsLastByte(int length) throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/nbdkit")), "nbdkit is not installed");
        byte[] old = file("odd", BYTES + 320);
        byte[] bytes = file("disk", length);
        file("large", BYTES + 321);
        Process server = new ProcessBuilder(
                        "/usr/bin/nbdkit", "-f", "-U", path("socket"), "-P", path("pid"), "file", path("odd"))
                .start();
        try {
            while (!Files.exists(Path.of(path("pid")))) { // written once clients may come
                assertThat(server.isAlive()).isTrue();
                Thread.onSpinWait();
            }
            String uri = "nbd+unix:///?socket=" + path("socket");
            assertThat(run("copy", "--verify", path("disk"), uri)).as(err()).isZero();
            assertThat(run("copy", path("large"), uri)).isNotZero();
            assertThat(err()).contains("is smaller than the source");
        } finally {
            server.destroy();
            server.waitFor();
        }
        assertThat(Arrays.copyOf(read("odd"), length)).isEqualTo(bytes);
        assertThat(read("odd")).hasSize(old.length);
    }

    @Test
    void severalAreServedByTheirNamesAndReadOnlyIsReadOnly() throws IOException {
        byte[] a = file("a", BYTES);
        file("b", BYTES);
        serve("serve", "--unix", path("socket"), "--read-only", path("a"), "--export", "other=" + path("b"));
        String socket = "?socket=" + path("socket");
        assertThat(said()).hasLineCount(2).contains("nbd+unix:///a" + socket, "nbd+unix:///other" + socket);
        assertThat(run("copy", path("b"), "nbd+unix:///a" + socket)).isNotZero();
        assertThat(err()).contains("EROFS");
        assertThat(run("info", "nbd+unix:///nobody" + socket)).isOne();
        assertThat(err()).contains("ENOENT");
        assertThat(read("a")).isEqualTo(a);
    }

    @Test
    void aFileAndAnExportAreAMirrorThatOutlivesTheExport() throws IOException {
        MemoryDevice remote = MemoryDevice.of("remote", 3 * BYTES / 512);
        NbdServer server = Objects.requireNonNull(NbdServer.builder()
                .bind(Path.of(path("remote")))
                .shutdownTimeout(Duration.ZERO)
                .export(NbdExport.of("leg", remote))
                .start()
                .block(PATIENCE));
        String leg = "nbd+unix:///leg?socket=" + path("remote");
        byte[] bytes = file("disk", BYTES);
        assertThat(run("mirror", "create", "--size", "4M", path("local"), leg))
                .as(err())
                .isZero();
        serve("mirror", "serve", "--unix", path("socket"), path("local"), leg);
        String uri = "nbd+unix:///?socket=" + path("socket");
        assertThat(run("copy", path("disk"), uri)).as(err()).isZero();
        assertThat(remote.snapshot(0, BYTES / 512)).isEqualTo(bytes);
        server.close().block(PATIENCE); // the other machine is gone
        byte[] more = file("more", BYTES - 512);
        assertThat(run("copy", "--verify", path("more"), uri)).as(err()).isZero();
        assertThat(Arrays.copyOf(read("local"), more.length)).isEqualTo(more);
        stop.request();
        assertThat(serving.join()).isZero();
        remote.close().block(PATIENCE);
    }

    @Test
    void clientsOfAMirrorSeeWhichLegLacksWhat() throws IOException, InterruptedException {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/nbdinfo")), "nbdinfo is not installed");
        String[] legs = {"--leg", path("a"), "--leg", path("b")};
        file("disk", BYTES);
        assertThat(run("mirror", "create", "--size", "4M", "--chunk", "64K", legs[1], legs[3]))
                .as(err())
                .isZero();
        Files.move(dir.resolve("b"), dir.resolve("away"));
        assertThat(run("mirror", "assemble", "--degraded", path("a"))).isEqualTo(2);
        serve("mirror", "serve", "--unix", path("socket"), "--leg", path("a"));
        String uri = "nbd+unix:///?socket=" + path("socket");
        assertThat(run("copy", path("disk"), uri)).as(err()).isZero();
        String lackedBySecond = "\\d+ \\d+ 13107[23] ?\\n"; // 131073 where it was written just now
        assertThat(chunks(uri)).startsWith("0 ").matches("(" + lackedBySecond + ")+");
        stop.request();
        assertThat(serving.join()).isZero();
    }

    private String chunks(String uri) throws IOException, InterruptedException {
        Process nbdinfo = new ProcessBuilder("nbdinfo", "--map=dmio:chunks", uri)
                .redirectErrorStream(true)
                .start();
        String map = new String(nbdinfo.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(nbdinfo.waitFor()).as(map).isZero();
        return map.replaceAll("(?m)^ +", "").replaceAll(" +", " ");
    }

    @Test
    void nothingOrTwoOfOneNameOrAMissingFileIsRefused() throws IOException {
        file("a", BYTES);
        assertThat(run("serve")).isOne();
        assertThat(err()).contains("nothing to serve");
        assertThat(run("serve", path("a"), path("a"))).isOne();
        assertThat(err()).contains("another device is named 'a'");
        assertThat(run("serve", path("missing"))).isOne();
        assertThat(run("serve", "--listen", "127.0.0.1:99999", path("a"))).isOne();
        assertThat(run("serve", "--tls-cert", path("none"), path("a"))).isOne();
        Files.writeString(dir.resolve("socket"), "no socket");
        assertThat(run("serve", "--unix", path("socket"), path("a"))).isOne();
        assertThat(err()).contains("no socket");
    }

    private void serve(String... words) {
        Console console = Console.plain(new ByteArrayInputStream(in), said, err);
        serving = OwnThread.call(() -> Main.run(words, new CommandContext(console, stop, InUse.here())));
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (said().isEmpty()) {
            assertThat(serving).as(err()).isNotDone();
            assertThat(System.nanoTime()).isLessThan(end);
            try {
                serving.get(10, TimeUnit.MILLISECONDS);
            } catch (TimeoutException notYet) {
                // look again
            } catch (InterruptedException | ExecutionException failed) {
                throw new IllegalStateException(failed);
            }
        }
    }

    private int run(String... words) {
        return Main.run(words, new ByteArrayInputStream(in), out, err);
    }

    private String said() {
        return said.toString(StandardCharsets.UTF_8);
    }

    @Test
    void twoDevicesOfOneNameAndTwoPlacesToListenAreRefused() throws IOException {
        file("x", BYTES);
        file("y", BYTES);
        assertThat(run("serve", "--export", "a=" + path("x"), "--export", "a=" + path("y")))
                .isOne();
        assertThat(err()).contains("--export a=" + path("y") + ": another device is named 'a'");
        assertThat(run("serve", "--export", "a", path("x"))).isOne();
        assertThat(run("serve", "--unix", path("socket"), "--listen", "127.0.0.1:0", path("x")))
                .isOne();
        assertThat(err()).contains("--unix and --listen");
        assertThat(run("serve", "--listen", "10997", path("x"))).isOne();
        assertThat(err()).contains("write 127.0.0.1:10997");
    }

    @Test
    void asJsonItTellsWhereEachExportIs() throws IOException {
        file("a", BYTES);
        file("b", BYTES);
        serve("serve", "--json", "--unix", path("socket"), path("a"), path("b"));
        String socket = "?socket=" + path("socket");
        assertThat(said())
                .isEqualTo("{\"exports\":[{\"name\":\"a\",\"uri\":\"nbd+unix:///a" + socket
                        + "\"},{\"name\":\"b\",\"uri\":\"nbd+unix:///b" + socket + "\"}]}\n");
    }
}
