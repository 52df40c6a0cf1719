package io.dmio.app.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.app.CommandLineFixture;
import io.dmio.app.Main;
import io.dmio.app.OwnThread;
import io.dmio.app.cli.CommandContext;
import io.dmio.app.cli.Console;
import io.dmio.app.cli.ExitCode;
import io.dmio.app.cli.InUse;
import io.dmio.app.cli.JsonReader;
import io.dmio.app.cli.ShutdownSignal;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A status that is watched by a program. */
class StatusWatchTest extends CommandLineFixture {

    private static final int SECONDS = 180;

    private final ShutdownSignal stop = new ShutdownSignal();

    @BeforeEach
    void aMirrorWithoutOneOfItsLegs() throws IOException {
        assertThat(dmio("mirror", "create", "--size", "8M", "a", "b")).as(err()).isZero();
        Files.delete(dir.resolve("b"));
        out.reset();
    }

    private int watch(OutputStream to, String... words) throws Exception {
        Console console = Console.plain(new ByteArrayInputStream(in), to, err);
        String[] all = Stream.concat(
                        Stream.of("mirror", "status", "--run-dir", path("run"), "--watch"), Stream.of(words))
                .toArray(String[]::new);
        return OwnThread.call(() -> Main.run(all, new CommandContext(console, stop, InUse.here())))
                .get(SECONDS, TimeUnit.SECONDS);
    }

    /** A reader that has it stopped after some lines. */
    private final class Reader extends OutputStream {
        @Override
        public void write(int one) {
            out.write(one);
            if (one == '\n') {
                stop.request();
            }
        }
    }

    /** A reader that has left, as {@code head} does. */
    private static final class Gone extends OutputStream {
        @Override
        public void write(int one) throws IOException {
            throw new IOException("Broken pipe");
        }
    }

    @Test
    void itEndsWhenNobodyReadsItAnyMore() throws Exception {
        assertThat(watch(new Gone(), path("a"))).isIn(ExitCode.UNREAD, ExitCode.SOME_FAILED);
        assertThat(watch(new Gone(), "--json", path("a"))).isIn(ExitCode.UNREAD, ExitCode.SOME_FAILED);
    }

    @Test
    void eachLineIsAnObjectAndWhatIsWrongIsOnStandardError() throws Exception {
        assertThat(watch(new Reader(), "--json", path("a"), path("b"))).isEqualTo(ExitCode.SOME_FAILED);
        assertThat(out().lines())
                .isNotEmpty()
                .allSatisfy(line -> assertThat(JsonReader.object(line)).containsKey("legs"));
        assertThat(err()).contains("dmio: leg 1 (" + path("b") + ") is missing (no such file)");
    }

    @Test
    void whatCannotBeLookedAtIsOnStandardErrorToo() throws Exception {
        CompletableFuture<Void> stopped = OwnThread.run(() -> {
            while (err.size() == 0) {
                Thread.onSpinWait();
            }
            stop.request();
        });
        assertThat(watch(out, "--json", path("nothing"))).isEqualTo(ExitCode.MISUSE);
        stopped.get(SECONDS, TimeUnit.SECONDS);
        assertThat(out()).isEmpty();
        assertThat(err()).isEqualTo("dmio: " + path("nothing") + ": no such file\n");
    }
}
