package io.dmio.mirror;

import io.dmio.BlockDevice;
import java.time.Duration;
import java.util.UUID;
import reactor.core.publisher.Mono;

/**
 * A leg that is out of the mirror for good.
 *
 * @param leg where it was
 * @param id of the leg, as another one may be in its place
 */
record Removed(Leg leg, UUID id) {

    /**
     * Lets it forget that it was a leg, which is a kindness to whoever finds it, and must not hang on a dead one. What answers in the
     * place of a leg that was out may be another one, or another mirror's: that is left as it is.
     */
    Mono<Void> forget(Mirror mirror) {
        BlockDevice device = leg.device;
        return leg.inFlight() == 0
                ? LegDisk.read(device)
                        .filter(found ->
                                found.isLeg(mirror.roster().membership().mirror(), id))
                        .flatMap(found ->
                                LegDisk.wipe(device).then(mirror.owner().forget(device)))
                        .timeout(
                                Duration.ofNanos(mirror.runtime().options().legDeadlineNanos()),
                                mirror.runtime().clock())
                        .onErrorComplete()
                : Mono.empty();
    }
}
