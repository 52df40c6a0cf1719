package io.dmio.app.mirror;

import io.dmio.mirror.LegState;
import io.dmio.mirror.LegStatus;
import io.dmio.mirror.MirrorEvent;
import io.dmio.mirror.MirrorStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Tells when waiting for a resync is useless: a leg has been down for a while, a chunk failed to be copied twice, or chunks fail and none was
 * copied for some time, as when the last leg that has them is gone. The mirror itself goes on trying for ever. Looks at one status after the
 * other.
 */
final class ResyncWatch {

    private static final Duration DOWN = Duration.ofSeconds(6); // longer than a leg's deadline, or its first retries
    private static final Duration STUCK = Duration.ofSeconds(20); // longer than a request to a server takes to fail

    private static final Set<LegState> DOWN_STATES = EnumSet.of(LegState.FAILED, LegState.SET_ASIDE, LegState.REFUSED);

    private final long looksDown;
    private final long looksStuck;
    private final int leaving;
    private final Instant since;
    private long down;
    private long stuck;
    private long least = Long.MAX_VALUE;
    private List<MirrorEvent> before = List.of(); // chunks that had failed when one was copied last

    /**
     * @param leaving the index of a leg that is not waited for; -1 if there is none
     * @param before the status before: what has happened by then does not count
     */
    ResyncWatch(Duration betweenLooks, int leaving, MirrorStatus before) {
        this.looksDown = DOWN.dividedBy(betweenLooks);
        this.looksStuck = STUCK.dividedBy(betweenLooks);
        this.leaving = leaving;
        List<MirrorEvent> events = before.lastEvents();
        this.since =
                events.isEmpty() ? Instant.MIN : events.get(events.size() - 1).at();
    }

    boolean isHopeless(MirrorStatus status) {
        boolean isDown =
                status.legs().stream().anyMatch(leg -> leg.index() != leaving && DOWN_STATES.contains(leg.state()));
        down = isDown ? down + 1 : 0;
        List<MirrorEvent> failed = failedChunks(status);
        return down >= looksDown || failedTwice(failed) || isStuck(status, failed);
    }

    private boolean isStuck(MirrorStatus status, List<MirrorEvent> failed) {
        long lacked = status.legs().stream().mapToLong(LegStatus::staleChunks).sum();
        if (lacked < least) {
            stuck = 0;
            before = failed;
        }
        least = Math.min(lacked, least);
        return ++stuck >= looksStuck && !before.equals(failed);
    }

    private List<MirrorEvent> failedChunks(MirrorStatus status) {
        return status.lastEvents().stream()
                .filter(event -> event.at().isAfter(since) && event.kind() == MirrorEvent.Kind.CHUNK_FAILED)
                .toList();
    }

    private static boolean failedTwice(List<MirrorEvent> failed) {
        Set<String> seen = new HashSet<>();
        return failed.stream().anyMatch(event -> !seen.add(event.message()));
    }
}
