package io.dmio.mirror;

import io.dmio.DeviceException;
import io.dmio.Errno;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import java.util.function.BiConsumer;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/** Takes legs out for good, and makes them forget that they were legs. */
final class LegRemovals {

    private final Mirror mirror;
    private final MirrorRuntime runtime;
    private final Map<UUID, Sinks.Empty<Void>> leaving = new HashMap<>(); // by their ids; owned by the mailbox

    LegRemovals(Mirror mirror) {
        this.mirror = mirror;
        this.runtime = mirror.runtime();
    }

    /** Removes the leg at an index; refused if somebody else does so already. */
    Mono<Void> remove(int index) {
        return removal((caller, over) -> begin(index, caller, over));
    }

    /**
     * Removes the leg that has this id. If another caller does so already, waits for the end of that, so that nobody
     * closes a device that is still being made to forget. If no leg has the id any more, there is nothing to do.
     */
    Mono<Void> remove(int index, UUID id) {
        return removal((caller, over) -> {
            Sinks.Empty<Void> other = leaving.get(id);
            if (other != null) {
                caller.success(other.asMono());
            } else if (mirror.roster().membership().leg(index).id().equals(id)) {
                begin(index, caller, over);
            } else {
                caller.success(Mono.empty());
            }
        });
    }

    private Mono<Void> removal(BiConsumer<Caller<Mono<Void>>, Sinks.Empty<Void>> begin) {
        Mono<Void> removal = Mono.defer(() -> {
            Sinks.Empty<Void> over = Sinks.empty();
            return runtime.<Mono<Void>>whileOpen(caller -> begin.accept(caller, over))
                    .flatMap(rest -> rest)
                    .doOnSuccess(done -> over.tryEmitEmpty())
                    .doOnError(over::tryEmitError)
                    .doOnTerminate(() -> runtime.tell(() -> leaving.values().remove(over)));
        });
        return runtime.change(removal);
    }

    private void begin(int index, Caller<Mono<Void>> caller, Sinks.Empty<Void> over) {
        mirror.roster().requireLeg(index);
        Leg leg = mirror.roster().leg(index);
        if (leg != null && leg.takesPart() && !mirror.roster().canSpare(leg)) {
            throw DeviceException.of(
                    Errno.EBUSY, leg.name(), "no other leg has everything: it can be removed when one has");
        }
        UUID id = mirror.roster().membership().leg(index).id();
        leaving.putIfAbsent(id, over);
        mirror.departures().remove(index, problem -> {
            if (problem == null) {
                caller.success(leg == null ? Mono.empty() : new Removed(leg, id).forget(mirror));
            } else {
                caller.error(problem);
            }
        });
    }
}
