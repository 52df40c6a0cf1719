package io.dmio.app.events;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.app.CommandLineFixture;
import io.dmio.app.Main;
import io.dmio.app.RunningServer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the command does with what happens to its mirror. */
class ServedEventsTest extends CommandLineFixture {

    @BeforeEach
    void made() {
        assertThat(dmio("mirror", "create", "--size", "4M", "a", "b")).as(err()).isZero();
        err.reset();
    }

    private RunningServer serve(String... options) {
        String[] words = new String[options.length + 8];
        System.arraycopy(
                new String[] {"mirror", "serve", "--unix", path("socket"), "--metrics", "0", path("a"), path("b")},
                0,
                words,
                0,
                8);
        System.arraycopy(options, 0, words, 8, options.length);
        return RunningServer.start(words);
    }

    @Test
    void aProgramHearsOfTheStartThoughItsEndMeetsTheMirrors() throws IOException {
        try (RunningServer server =
                serve("--on-event", "sleep 1; echo \"$DMIO_EVENT of $DMIO_MIRROR\" >> " + path("told"))) {
            assertThat(server.stop()).isZero();
        }
        assertThat(Files.readString(dir.resolve("told"))).matches("STARTED of mirror [0-9a-f]{8}\n");
    }

    @Test
    void theLogIsTextWithTheTimeOrObjects() {
        try (RunningServer server = serve()) {
            server.await(() -> server.err().contains("started with 2 legs\n"));
            assertThat(server.err()).matches("\\S+ INFO  mirror: started with 2 legs\n");
        }
        try (RunningServer server = serve("--log-json")) {
            server.await(() -> server.err().endsWith("}\n"));
            assertThat(server.err()).matches("\\{\"time\":.*\"event\":\"STARTED\",\"number\":1}\n");
        }
    }

    @Test
    void aHookWithoutACommandIsRefusedBeforeTheMirrorIsOpened() {
        byte[] before = read("a");
        String[] words = {"mirror", "serve", "--unix", path("socket"), "--on-event", " ", path("a"), path("b")};
        assertThat(Main.run(words, new ByteArrayInputStream(in), out, err)).isOne();
        assertThat(err()).hasLineCount(1).contains("--on-event: has no command");
        assertThat(read("a")).isEqualTo(before);
    }
}
