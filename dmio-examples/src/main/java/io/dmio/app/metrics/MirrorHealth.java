package io.dmio.app.metrics;

import io.dmio.mirror.LegState;
import io.dmio.mirror.LegStatus;
import io.dmio.mirror.MirrorDevice;
import io.dmio.mirror.MirrorEvent;
import io.dmio.mirror.MirrorStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import reactor.core.publisher.Mono;

/** Finds the health of a mirror that is served. */
public final class MirrorHealth {

    private static final Duration TIME_MAX = Duration.ofSeconds(2);

    private static final Duration FAILED_LATELY = Duration.ofMinutes(2); // told once a minute while it goes on

    private static final Set<MirrorEvent.Kind> ENDS = EnumSet.of(MirrorEvent.Kind.OWNER_LOST, MirrorEvent.Kind.BROKEN);

    private MirrorHealth() {}

    static Mono<Health> of(MirrorDevice mirror) {
        return mirror.status()
                .map(status -> of(status, Instant.now()))
                .timeout(TIME_MAX, Mono.just(Health.of(Health.State.DEAD, "the mirror says nothing of itself")))
                .onErrorResume(broken -> Mono.just(Health.of(Health.State.DEAD, String.valueOf(broken.getMessage()))));
    }

    /**
     * Returns the health that a status shows.
     *
     * @param now the time of the status
     */
    public static Health of(MirrorStatus status, Instant now) {
        Optional<MirrorEvent> end = status.lastEvents().stream()
                .filter(event -> ENDS.contains(event.kind()))
                .findFirst();
        if (end.isPresent()) {
            return Health.of(Health.State.DEAD, end.get().message());
        }
        Optional<MirrorEvent> failed = status.lastEvents().stream()
                .filter(event -> event.kind() == MirrorEvent.Kind.LAST_LEG_FAILED && isLately(event.at(), now))
                .findFirst();
        List<String> legs = status.legs().stream()
                .filter(leg -> leg.state() != LegState.IN_SYNC)
                .map(MirrorHealth::words)
                .toList();
        if (!status.writable()) {
            return new Health(Health.State.UNREADY, with("writes are refused: too few legs are in sync", legs));
        }
        if (failed.isPresent()) {
            return new Health(Health.State.UNREADY, with(failed.get().message(), legs));
        }
        return new Health(legs.isEmpty() ? Health.State.READY : Health.State.DEGRADED, legs);
    }

    // If the clock was set back, what happened before that is in the future.
    private static boolean isLately(Instant at, Instant now) {
        return Duration.between(at, now).abs().compareTo(FAILED_LATELY) < 0;
    }

    private static List<String> with(String first, List<String> others) {
        return Stream.concat(Stream.of(first), others.stream()).toList();
    }

    private static String words(LegStatus leg) {
        String state = leg.state().name().toLowerCase(Locale.ROOT).replace('_', ' ');
        return "leg " + leg.index() + " (" + leg.name() + ") is " + state;
    }
}
