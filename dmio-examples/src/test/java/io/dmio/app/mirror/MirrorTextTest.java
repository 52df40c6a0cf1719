package io.dmio.app.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.app.cli.Console;
import io.dmio.mirror.LegErrors;
import io.dmio.mirror.LegState;
import io.dmio.mirror.LegStatus;
import io.dmio.mirror.MirrorEvent;
import io.dmio.mirror.MirrorStatus;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** What is told of a mirror's legs. */
class MirrorTextTest {

    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @Test
    void aLegThatCannotBeBroughtWhatItLacksIsToldWithTheReason() {
        Console console = Console.plain(new ByteArrayInputStream(new byte[0]), new ByteArrayOutputStream(), err);
        new MirrorText(console, false).end(status(), true);
        console.err().flush();
        assertThat(err.toString(StandardCharsets.UTF_8))
                .contains("leg 0 (a) is syncing (chunk 3 could not be copied: gone): dmio mirror resync");
    }

    private static MirrorStatus status() {
        return new MirrorStatus(
                new UUID(0, 2),
                1,
                8,
                8,
                List.of(new LegStatus(0, "a", new UUID(0, 1), LegState.SYNCING, false, 1, 0, LegErrors.NONE)),
                1,
                0,
                1,
                true,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                List.of(new MirrorEvent(
                        1, Instant.EPOCH, MirrorEvent.Kind.CHUNK_FAILED, -1, "chunk 3 could not be copied: gone")));
    }
}
