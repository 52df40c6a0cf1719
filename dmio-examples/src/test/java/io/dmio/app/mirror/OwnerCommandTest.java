package io.dmio.app.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.BlockDevice;
import io.dmio.app.CommandLineFixture;
import io.dmio.app.Main;
import io.dmio.app.cli.CommandContext;
import io.dmio.app.cli.Console;
import io.dmio.app.cli.InUse;
import io.dmio.app.cli.ShutdownSignal;
import io.dmio.engine.IoEngines;
import io.dmio.engine.OpenOptions;
import io.dmio.mirror.MirrorDevice;
import io.dmio.mirror.MirrorOptions;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What commands say of whoever has a mirror open, and how it is taken over. */
class OwnerCommandTest extends CommandLineFixture {

    private static final int LEG_BYTES = 4 << 20;

    private final List<BlockDevice> legs = new ArrayList<>();

    /** Leaves a mirror as if its machine had lost the legs; the process still runs. */
    private MirrorDevice leftOpen() throws IOException {
        file("a", LEG_BYTES);
        file("b", LEG_BYTES);
        for (String leg : List.of("a", "b")) {
            legs.add(IoEngines.posix()
                    .open(Path.of(path(leg)), OpenOptions.readWrite())
                    .block());
        }
        MirrorDevice killed = MirrorDevice.create(
                        legs, MirrorOptions.builder().equalAlready(true).build())
                .block();
        legs.forEach(leg -> leg.close().block());
        return Objects.requireNonNull(killed);
    }

    @Test
    void whatAnotherLeftOpenIsToldAndTakenOver() throws IOException {
        MirrorDevice killed = leftOpen();
        dmio("mirror", "status", "--json", "a", "b");
        assertThat(out()).contains("\"owner\":{").contains("\"open\":true");
        dmio("mirror", "assemble", "--takeover", "a", "b");
        assertThat(err()).isEmpty();
        assertThat(dmio("mirror", "status", "--json", "a", "b")).as(err()).isZero();
        assertThat(out()).contains("\"open\":false");
        killed.close().onErrorComplete().block();
    }

    @ParameterizedTest
    @CsvSource({"serve, 0", "assemble, 130", "resync, 130", "serve --takeover, 0"})
    void aCommandThatIsAskedToStopDoesNotWaitForAnotherOwnerAndLeavesTheLegsAsTheyWere(String words, int code)
            throws IOException {
        MirrorDevice killed = leftOpen();
        byte[] before = read("a");
        ShutdownSignal stop = new ShutdownSignal();
        stop.request();
        List<String> line = new ArrayList<>(List.of("mirror"));
        line.addAll(List.of(words.split(" ")));
        line.addAll(List.of("--run-dir", path("run"), path("a"), path("b")));
        Console console = Console.plain(new ByteArrayInputStream(in), out, err);
        CommandContext context = new CommandContext(console, stop, InUse.here());
        assertThat(Main.run(line.toArray(String[]::new), context)).as(err()).isEqualTo(code);
        assertThat(err()).contains("the start was stopped before").hasLineCount(1);
        assertThat(read("a")).isEqualTo(before);
        killed.close().onErrorComplete().block();
    }
}
