package io.dmio.mirror;

import io.dmio.BlockDevice;
import io.dmio.DeviceException;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import reactor.core.publisher.Mono;

/**
 * A leg that is out of the mirror for good, or did not come in.
 *
 * @param leg where it was
 * @param id of the leg, as another one may be in its place
 */
record Removed(Leg leg, UUID id) {

    /**
     * Lets it forget that it was a leg, which is a kindness to whoever finds it, and must not hang on a dead one. What answers in the
     * place of a leg that was out may be another one, or another mirror's, or have another owner by now: that is left as it is.
     */
    Mono<Void> forget(Mirror mirror) {
        return inTime(
                mirror,
                LegDisk.read(leg.device)
                        .filter(found ->
                                found.isLeg(mirror.roster().membership().mirror(), id))
                        .filterWhen(found -> isFree(mirror))
                        .flatMap(found -> wipe(mirror, leg.device))
                        .onErrorComplete()
                        .then(disowned(mirror)));
    }

    /** It keeps what it says, but for this mirror's owner. */
    Mono<Void> disown(Mirror mirror) {
        return inTime(mirror, disowned(mirror));
    }

    /** Takes from a leg that has gone what made it one, and the mark of its owner. */
    static Mono<Void> wipe(Mirror mirror, BlockDevice device) {
        return LegDisk.wipe(device, mirror.owner().held()).then(unmark(mirror, device));
    }

    private static Mono<Void> unmark(Mirror mirror, BlockDevice device) {
        return mirror.runtime().options().ownerMarks()
                ? mirror.owner().held().then(OwnerMarks.erase(device))
                : Mono.empty();
    }

    private Mono<Void> disowned(Mirror mirror) {
        return sight(mirror).filter(mirror.owner()::isMine).flatMap(mine -> unmark(mirror, leg.device));
    }

    private Mono<Boolean> isFree(Mirror mirror) {
        OwnerHost here = mirror.runtime().options().host();
        return sight(mirror)
                .map(sight -> mirror.owner().isMine(sight)
                        || !(sight.kind() == Sight.Kind.UNREADABLE || sight.isHeld(List.of(sight), here)))
                .defaultIfEmpty(true);
    }

    /** What is seen of an owner; empty if marks are off. */
    private Mono<Sight> sight(Mirror mirror) {
        return mirror.runtime().options().ownerMarks()
                ? OwnerMarks.look(leg.device).onErrorReturn(DeviceException.class, Sight.UNREADABLE)
                : Mono.empty();
    }

    private Mono<Void> inTime(Mirror mirror, Mono<Void> work) {
        return leg.inFlight() > 0
                ? Mono.empty()
                : work.timeout(
                                Duration.ofNanos(mirror.runtime().options().legDeadlineNanos()),
                                mirror.runtime().clock())
                        .onErrorComplete();
    }
}
