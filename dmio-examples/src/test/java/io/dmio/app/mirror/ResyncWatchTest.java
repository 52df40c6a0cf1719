package io.dmio.app.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.mirror.LegErrors;
import io.dmio.mirror.LegState;
import io.dmio.mirror.LegStatus;
import io.dmio.mirror.MirrorEvent;
import io.dmio.mirror.MirrorStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class ResyncWatchTest {

    private final ResyncWatch watch = new ResyncWatch(Duration.ofSeconds(2), -1, status(LegState.SYNCING));

    @Test
    void aLegThatStaysDownIsNotWaitedForForEver() {
        assertThat(watch.isHopeless(status(LegState.FAILED))).isFalse();
        assertThat(watch.isHopeless(status(LegState.SET_ASIDE))).isFalse();
        assertThat(watch.isHopeless(status(LegState.FAILED))).isTrue();
    }

    @Test
    void aLegThatComesBackInTimeIsWaitedFor() {
        for (int i = 0; i < 10; i++) {
            assertThat(watch.isHopeless(status(LegState.FAILED))).isFalse();
            assertThat(watch.isHopeless(status(LegState.FAILED))).isFalse();
            assertThat(watch.isHopeless(status(LegState.SYNCING))).isFalse();
        }
    }

    @Test
    void aChunkThatFailedTwiceIsNotWaitedFor() {
        assertThat(watch.isHopeless(status(LegState.SYNCING, "chunk 1: bad", "chunk 2: bad")))
                .isFalse();
        assertThat(watch.isHopeless(status(LegState.SYNCING, "chunk 1: bad", "chunk 2: bad", "chunk 1: bad")))
                .isTrue();
    }

    @Test
    void chunksThatFailOneAfterTheOtherWhileNoneIsCopiedAreNotWaitedFor() {
        int looks = 0;
        while (!watch.isHopeless(status(LegState.SYNCING, "chunk " + looks + ": gone"))) {
            assertThat(++looks).isLessThan(20);
        }
        assertThat(looks).isGreaterThan(5);
    }

    @Test
    void aCopyThatIsSlowIsWaitedForAsLongAsNothingFails() {
        for (int i = 0; i < 100; i++) {
            assertThat(watch.isHopeless(status(LegState.SYNCING, "chunk 1: bad")))
                    .isFalse();
        }
    }

    private static MirrorStatus status(LegState state, String... failedChunks) {
        LegStatus leg = new LegStatus(0, "a", new UUID(0, 1), state, false, 1, 0, LegErrors.NONE);
        List<MirrorEvent> events = Arrays.stream(failedChunks)
                .map(message -> new MirrorEvent(1, Instant.EPOCH, MirrorEvent.Kind.CHUNK_FAILED, -1, message))
                .toList();
        return new MirrorStatus(
                new UUID(0, 2),
                1,
                8,
                8,
                List.of(leg),
                1,
                0,
                1,
                true,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                events);
    }
}
