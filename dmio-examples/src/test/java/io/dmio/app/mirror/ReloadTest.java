package io.dmio.app.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.app.CommandLineFixture;
import io.dmio.app.Main;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A server that runs in a process of its own is made to read its file again. */
class ReloadTest extends CommandLineFixture {

    @BeforeEach
    void create() throws IOException {
        assertThat(dmio("mirror", "create", "--size", "8M", "a", "b")).as(err()).isZero();
        config(legs("a", "b"), "rate = '10M'", "connections = 9");
    }

    private Path file() {
        return dir.resolve("m.toml");
    }

    private void config(String... lines) throws IOException {
        Files.writeString(file(), String.join("\n", lines) + "\n");
    }

    private String legs(String... names) {
        return "legs = "
                + Arrays.stream(names).map(name -> "'" + path(name) + "'").toList();
    }

    private int mirror(String... words) {
        out.reset();
        err.reset();
        String[] all = Stream.of(Stream.of("mirror"), Arrays.stream(words), Stream.of("--run-dir", path("run")))
                .flatMap(each -> each)
                .toArray(String[]::new);
        return Main.run(all, new ByteArrayInputStream(in), out, err);
    }

    private ServedMirror serve() throws IOException {
        return ServedMirror.of(dir, "--config", file().toString());
    }

    @Test
    void whatCanBeAppliedIsAndWhatCannotIsToldByItsLine() throws Exception {
        try (ServedMirror served = serve()) {
            assertThat(mirror("status", "--json")).isZero();
            assertThat(out()).contains("\"bytesPerSecond\":10485760");
            config(
                    legs("a", "b"),
                    "rate = '20M'",
                    "connections = 9",
                    "read-only = true",
                    "on-event = 'echo the hook heard of $DMIO_EVENT'",
                    "log-json = true",
                    "scrub-at = 'Sun 03:00'");
            assertThat(mirror("reload", "--config", file().toString())).isEqualTo(2);
            assertThat(out()).isEqualTo("from now on: log-json, on-event, rate, scrub-at\n");
            assertThat(err()).isEqualTo("dmio: " + file() + ":4:1: read-only: holds from the next start on\n");
            assertThat(mirror("status", "--json")).isZero();
            assertThat(out()).contains("\"bytesPerSecond\":20971520");
            served.await("\"message\":\"the file was read again: log-json, on-event, rate, scrub-at from now on\"");
            assertThat(mirror("add", path("a"), "--new", path("c"))).as(err()).isZero();
            served.await("the hook heard of LEG_JOINED");
            served.end();
        }
    }

    @Test
    void aLimitThatWasSetByACommandGivesWayToThatOfTheFile() throws Exception {
        try (ServedMirror served = serve()) {
            assertThat(mirror("limit", "--rate", "1M")).isZero();
            assertThat(mirror("reload")).isZero();
            assertThat(out()).isEqualTo("nothing to apply\n");
            assertThat(mirror("status", "--json")).isZero();
            assertThat(out()).contains("\"bytesPerSecond\":10485760");
            served.end();
        }
    }

    @Test
    void aFileThatIsWrongChangesNothing() throws Exception {
        try (ServedMirror served = serve()) {
            config(legs("a", "b"), "rate = '20M'", "rate-at = ['08:00-18:00=1M', '17:00-19:00=2M']");
            assertThat(mirror("reload")).isOne();
            assertThat(err()).contains("overlaps").hasLineCount(1);
            config(legs("a", "b"), "rate = '20M'", "conections = 8");
            assertThat(mirror("reload")).isOne();
            assertThat(err()).startsWith("dmio: " + file() + ":3:1: 'conections' is no option of dmio mirror serve");
            hangup(served);
            served.await("nothing has changed: " + file() + ":3:1: 'conections'");
            config(legs("a", "b"), "connections = 0"); // which the next start would refuse
            assertThat(mirror("reload")).isOne();
            assertThat(err()).isEqualTo("dmio: " + file() + ":2:1: --connections 0: at least 1\n");
            config(); // as where it is being written
            assertThat(mirror("reload")).isOne();
            assertThat(err()).startsWith("dmio: " + file() + ": no legs: ").hasLineCount(1);
            assertThat(mirror("status", "--json")).isZero();
            assertThat(out()).contains("\"bytesPerSecond\":10485760");
            served.end();
        }
    }

    @Test
    void aSignalDoesTheSameAndTheLogTells() throws Exception {
        try (ServedMirror served = serve()) {
            config(legs("a", "b"), "connections = 9");
            hangup(served);
            served.await("the file was read again: rate from now on");
            config(legs("a", "b"));
            hangup(served);
            served.await("m.toml:3:1: connections: is not there any more, and holds until the next start");
            assertThat(mirror("status", "--json")).isZero();
            assertThat(out()).doesNotContain("bytesPerSecond");
            served.end();
        }
    }

    @Test
    void legsComeAndGoByCommandsAndTheFileIsToldToDifferUntilItDoesNot() throws Exception {
        try (ServedMirror served = serve()) {
            config(legs("a", "c"));
            assertThat(mirror("reload")).isEqualTo(2);
            assertThat(err())
                    .contains(
                            file() + ":1:1: legs: " + path("c") + " is no leg: dmio mirror add or replace makes it one")
                    .contains(path("b") + " is a leg and not among them: dmio mirror remove takes it out");
            assertThat(Files.exists(dir.resolve("c"))).isFalse();
            assertThat(mirror("replace", path("a"), "--old", path("b"), "--new", path("c")))
                    .as(err())
                    .isZero();
            assertThat(mirror("reload")).isEqualTo(2);
            assertThat(err()).doesNotContain("legs").contains("connections");
            served.end();
        }
    }

    @Test
    void withoutAFileThereIsNothingToRead() throws Exception {
        try (ServedMirror served = ServedMirror.of(dir, path("a"), path("b"))) {
            assertThat(mirror("reload")).isOne();
            assertThat(err()).contains("was started without --config").hasLineCount(1);
            served.end();
        }
    }

    private static void hangup(ServedMirror served) throws IOException, InterruptedException {
        assertThat(new ProcessBuilder("kill", "-HUP", String.valueOf(served.process()))
                        .start()
                        .waitFor())
                .isZero();
    }
}
