package io.dmio.app.mirror;

import io.dmio.mirror.LegState;
import io.dmio.mirror.MirrorEvent;
import io.dmio.mirror.MirrorStatus;
import java.time.Duration;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.Set;

/**
 * Tells when waiting for a resync is for nothing: a leg has been down for a while, or a chunk that could not be copied was
 * tried again and could not be copied either. A mirror itself goes on trying for ever. Looks at one status after the other.
 */
final class ResyncWatch {

    private static final Duration DOWN = Duration.ofSeconds(6); // longer than a leg's deadline, or its first retries

    private static final Set<LegState> DOWN_STATES = EnumSet.of(LegState.FAILED, LegState.SET_ASIDE, LegState.REFUSED);

    private final long looksDown;
    private long down;

    ResyncWatch(Duration betweenLooks) {
        this.looksDown = DOWN.dividedBy(betweenLooks);
    }

    boolean isHopeless(MirrorStatus status) {
        boolean isDown = status.legs().stream().anyMatch(leg -> DOWN_STATES.contains(leg.state()));
        down = isDown ? down + 1 : 0;
        return down >= looksDown || failedTwice(status);
    }

    private static boolean failedTwice(MirrorStatus status) {
        Set<String> seen = new HashSet<>();
        return status.lastEvents().stream()
                .filter(event -> event.kind() == MirrorEvent.Kind.CHUNK_FAILED)
                .anyMatch(event -> !seen.add(event.message()));
    }
}
