package io.dmio.app.mirror;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.dmio.app.CommandLineFixture;
import io.dmio.app.cli.ExitCode;
import io.dmio.app.control.ControlServer;
import io.dmio.app.control.Route;
import io.dmio.app.control.RunDirectory;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;

/** Commands for a mirror that another process serves: that one does the work, and clients go on. */
class ServedCommandTest extends CommandLineFixture {

    private static final int BYTES = 8 << 20;

    @Test
    void aHealthyMirrorThatIsServedIsHealthy() throws Exception {
        create("a", "b");
        try (ServedMirror served = serve("a", "b")) {
            client("write", "disk");
            assertThat(mirror("status", "a", "b")).as(err()).isZero();
            assertThat(err()).isEmpty();
            assertThat(out()).contains("0  in sync", "1  in sync", "served by process " + served.process());
            assertThat(mirror("status", "--line", "b")).isZero();
            assertThat(mirror("status")).as("the only one that runs").isZero();
            assertThat(mirror("status", "--uuid", "zzz")).isOne();
            assertThat(err()).contains("no mirror of that name or UUID runs here");
            served.end();
        }
        assertThat(mirror("status")).isOne();
        assertThat(mirror("status", "a", "b")).isZero();
    }

    @Test
    void legsComeAndGoWhileAClientWrites() throws Exception {
        create("a", "b");
        try (ServedMirror served = serve("a", "b")) {
            byte[] bytes = client("write", "disk");
            good("add", "a", "b", "--new", "c");
            assertThat(out()).contains("2  in sync");
            good("replace", "a", "--old", "b", "--new", "d");
            assertThat(out()).contains("leg 1 (" + path("b") + ") is out");
            good("scrub", "a");
            assertThat(out()).contains("all legs are equal");
            good("split", "d", "--out", "c");
            assertThat(out()).contains("is an image of its own now: its first " + "8,");
            assertThat(Arrays.copyOf(read("c"), bytes.length)).isEqualTo(bytes);
            good("remove", "a", "--out", path("d"));
            good("resync", "a");
            assertThat(dmioWithRun("mirror", "status", "b"))
                    .as("it is a leg no more")
                    .isOne();
            assertThat(client("read", "disk")).isEqualTo(bytes);
            served.end();
        }
        good("status", "a");
        assertThat(Arrays.copyOf(read("a"), BYTES / 2)).isEqualTo(Arrays.copyOf(read("d"), BYTES / 2));
    }

    @Test
    void whatIsRefusedByTheServerIsRefusedInTheSameWords() throws Exception {
        create("a", "b");
        file("holds", 4 << 20);
        create("other");
        try (ServedMirror served = serve("a", "b")) {
            assertThat(mirror("remove", "a", "--out", "7")).isOne();
            assertThat(err()).contains("--out 7: the mirror has no such leg");
            refused("is the same as " + path("b"), "add", "a", "--new", "b");
            refused("carries another mirror", "add", "a", "--new", "other");
            good("add", "a", "--force", "--new", "other");
            good("remove", "a", "--out", "2");
            refused("has room for", "add", "a", "--force", "--new", "holds");
            refused("clients cannot be told of another size", "grow", "a", "b");
            refused("there is nothing to decide", "assemble", "a", "b");
            assertThat(mirror("serve", "a", "b")).isEqualTo(ExitCode.SOME_FAILED);
            assertThat(err()).contains("is served by process " + served.process());
            refused("--from 1 says what to repair from", "scrub", "a", "--from", "1");
            good("status", "a", "b");
            served.end();
        }
        refused("no server has this mirror", "pause", "a", "b");
        refused("leave it out", "resync", "--detach", "a", "b");
    }

    @Test
    void workIsHeldLimitedStartedWithoutWaitingAndStopped() throws Exception {
        create("a", "b");
        try (ServedMirror served = serve("a", "b")) {
            good("pause", "a");
            good("limit", "--rate", "50M", "a");
            good("scrub", "--detach", "a");
            assertThat(out()).contains("started; dmio mirror status shows how far it is");
            good("status", "--json", "a");
            assertThat(out())
                    .contains("\"paused\":true")
                    .contains("\"bytesPerSecond\":52428800")
                    .contains("\"scrub\":{\"chunksDone\":0");
            refused("a scrub runs already", "scrub", "a");
            good("scrub", "--stop", "a");
            good("resume", "a");
            served.await("compared");
            good("scrub", "a");
            served.end();
        }
    }

    @Test
    void aReplacementThatIsOnlyStartedIsNotSaidToBeDone() throws Exception {
        create("a", "b");
        try (ServedMirror served = serve("a", "b")) {
            good("pause", "a");
            good("replace", "--detach", "a", "--old", "b", "--new", "c");
            assertThat(out()).contains("started;").doesNotContain("no part of the mirror any more");
            good("resume", "a");
            served.await("out for good");
            served.end();
        }
    }

    @Test
    void aServerThatWasKilledIsNotAskedAndItsLegsAreOpened() throws Exception {
        create("a", "b");
        try (ServedMirror served = serve("a", "b")) {
            client("write", "disk");
            served.kill();
        }
        assertThat(dir.resolve("run")).isNotEmptyDirectory();
        good("resync", "a", "b");
        try (ServedMirror served = serve("a", "b")) {
            good("status", "a");
            served.end();
        }
    }

    @Test
    void aFileThatNamesItsMirrorServesForItAlsoWhileNothingRuns() throws Exception {
        create("a", "b");
        String file = path("m.toml");
        Files.writeString(Path.of(file), "legs = ['" + path("a") + "', '" + path("b") + "']\nname = 'store'\n");
        good("status", "--config", file);
        try (ServedMirror served = serve("--name", "another", "a", "b")) {
            good("status", "--config", file);
            assertThat(out()).contains("served by process " + served.process());
            served.end();
        }
    }

    @Test
    void aFileThatIsWrongIsMisuseAndToldByItsLine() throws IOException {
        create("a", "b");
        Path file = dir.resolve("m.toml");
        Files.writeString(file, "legs = ['" + path("a") + "', '" + path("b") + "']\nlisten = '127.0.0.1:99999'\n");
        assertThat(mirror("serve", "--config", file.toString())).isEqualTo(ExitCode.MISUSE);
        assertThat(err())
                .startsWith("dmio: " + file + ":2:1: --listen: '99999' is no port")
                .hasLineCount(1);
    }

    @Test
    void aCopyOfALegIsNotTakenForTheLegThatIsServed() throws Exception {
        create("a", "b");
        Files.copy(dir.resolve("a"), dir.resolve("copy"));
        try (ServedMirror served = serve("a", "b")) {
            assertThat(mirror("status", "copy")).isEqualTo(2);
            assertThat(out()).doesNotContain("served by process").contains("missing");
            served.end();
        }
    }

    @Test
    void aServerThatHangsOrAnswersOtherwiseKeepsNobodyFromTheOthers() throws Exception {
        create("a", "b");
        create("c", "d");
        RunDirectory run = new RunDirectory(dir.resolve("run"), true);
        List<Route> hangs = List.of(Route.get("/v1/status", call -> Mono.never()));
        List<Route> strange = List.of(Route.get("/v1/status", call -> Mono.just(Map.of("well", true))));
        try (ServedMirror served = serve("a", "b");
                ControlServer other = ControlServer.start(run, run.socket(new UUID(0, 2)), strange)) {
            try (ControlServer silent = ControlServer.start(run, run.socket(new UUID(0, 1)), hangs)) {
                assertThat(List.of(silent, other)).doesNotContainNull();
                good("status", "a", "b");
                assertThat(out()).contains("served by process " + served.process());
            }
            good("status", "c", "d");
            good("status");
            served.end();
        }
    }

    @Test
    void otherProgramsAskByHttp() throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/curl")), "curl is not installed");
        create("a", "b");
        try (ServedMirror served = serve("a", "b")) {
            Path socket;
            try (Stream<Path> all = Files.list(dir.resolve("run"))) {
                socket = all.filter(file -> file.toString().endsWith(".sock"))
                        .findFirst()
                        .orElseThrow();
            }
            assertThat(curl(socket, "status")).contains("\"inSync\":true").contains("\"name\":\"\"");
            assertThat(curl(socket, "scrub", "-X", "POST", "-d", "{\"bytesPerSecond\":1000000000}"))
                    .contains("{\"done\":true,\"scrub\":{\"sectorsCompared\":");
            assertThat(curl(socket, "legs", "-X", "POST", "-d", "{\"device\":\"" + path("c") + "\"}"))
                    .contains("\"leg\":2");
            assertThat(curl(socket, "legs/9/remove", "-X", "POST"))
                    .isEqualTo("{\"error\":\"the mirror has no leg 9\",\"exit\":1}\n");
            served.end();
        }
    }

    private static String curl(Path socket, String what, String... options) throws IOException, InterruptedException {
        List<String> command = Stream.concat(
                        Stream.of("curl", "-sS", "--max-time", "60", "--unix-socket", socket.toString()),
                        Stream.concat(Arrays.stream(options), Stream.of("http://dmio/v1/" + what)))
                .toList();
        Process curl = new ProcessBuilder(command).redirectErrorStream(true).start();
        String answer = new String(curl.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(curl.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return answer;
    }

    private ServedMirror serve(String... legs) throws IOException {
        return ServedMirror.of(dir, Arrays.stream(legs).map(this::path).toArray(String[]::new));
    }

    private void create(String... legs) {
        assertThat(dmio(Stream.concat(Stream.of("mirror", "create", "--size", "8M"), Arrays.stream(legs))
                        .toArray(String[]::new)))
                .as(err())
                .isZero();
        out.reset();
        err.reset();
    }

    private void good(String... words) {
        assertThat(mirror(words)).as(String.join(" ", words) + ": " + err()).isZero();
    }

    private void refused(String why, String... words) {
        assertThat(mirror(words)).as(String.join(" ", words) + ": " + out()).isOne();
        assertThat(err()).contains(why).hasLineCount(1);
    }

    private int mirror(String... words) {
        return dmioWithRun(
                Stream.concat(Stream.of("mirror"), Arrays.stream(words)).toArray(String[]::new));
    }

    private int dmioWithRun(String... words) {
        out.reset();
        err.reset();
        return dmio(Stream.concat(Arrays.stream(words), Stream.of("--run-dir", "run"))
                .toArray(String[]::new));
    }

    /** A client of the server writes what a file of this name has, or reads it. */
    private byte[] client(String does, String name) throws IOException {
        String uri = "nbd+unix:///?socket=" + path("socket");
        if (does.equals("write")) {
            file(name, BYTES / 2);
            assertThat(io.dmio.app.Main.run(
                            new String[] {"copy", path(name), uri}, new java.io.ByteArrayInputStream(in), out, err))
                    .as(err())
                    .isZero();
            return read(name);
        }
        assertThat(io.dmio.app.Main.run(
                        new String[] {"copy", uri, path(name + ".back")},
                        new java.io.ByteArrayInputStream(in),
                        out,
                        err))
                .as(err())
                .isZero();
        return Arrays.copyOf(read(name + ".back"), BYTES / 2);
    }
}
