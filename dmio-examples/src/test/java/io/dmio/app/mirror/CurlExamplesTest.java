package io.dmio.app.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.app.CommandLineFixture;
import io.dmio.app.RunningServer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The requests by curl that docs/page.md and docs/mirror.md show, as they stand there, but for the socket and a new leg's path. */
class CurlExamplesTest extends CommandLineFixture {

    private static final int TIMED_OUT = 28; // what does not end, as events

    private static List<String> examples() throws IOException {
        List<String> pages = List.of("../docs/mirror.md", "../docs/page.md");
        List<String> all = new ArrayList<>();
        for (String page : pages) {
            try (Stream<String> lines = Files.lines(Path.of(page))) {
                lines.map(String::strip)
                        .filter(line -> line.startsWith("curl ") && line.contains("UUID.sock"))
                        .forEach(all::add);
            }
        }
        return all;
    }

    @Test
    void eachExampleOfTheDocumentationIsAnsweredAsItSays() throws Exception {
        assertThat(examples()).hasSizeGreaterThan(10);
        assertThat(dmio("mirror", "create", "--size", "8M", "a", "b")).isZero();
        try (RunningServer server = RunningServer.ofMirror(dir, path("a"), path("b"))) {
            String socket;
            try (Stream<Path> files = Files.list(dir.resolve("run"))) {
                socket = files.map(Path::toString)
                        .filter(name -> name.endsWith(".sock"))
                        .findFirst()
                        .orElseThrow();
            }
            for (String example : examples()) {
                runs(example.replace("/run/dmio/UUID.sock", socket).replace("/srv/legs/new.img", path("c")));
            }
            assertThat(server.err()).contains("leg 1 (" + path("b") + ")");
        }
    }

    private static void runs(String command) throws IOException, InterruptedException {
        Process curl = new ProcessBuilder("bash", "-c", command)
                .redirectErrorStream(true)
                .start();
        String said = new String(curl.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(curl.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(curl.exitValue()).as(command).isIn(0, TIMED_OUT);
        assertThat(said).as(command).contains("{\"").doesNotContain("{\"error\":\"");
    }
}
