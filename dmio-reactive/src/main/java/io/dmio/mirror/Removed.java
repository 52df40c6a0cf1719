package io.dmio.mirror;

import io.dmio.BlockDevice;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.function.Predicate;
import reactor.core.publisher.Mono;

/**
 * A leg that is out of the mirror for good, or did not come in.
 *
 * @param leg where it was
 * @param id the leg's id, as another leg may be in its place
 */
record Removed(Leg leg, UUID id) {

    /**
     * Makes the leg forget that it was one, as a kindness to whoever finds it; that must not hang on a dead leg. The device that answers in the
     * place of a leg that was out may be another leg, or another mirror's, or have another owner by now: then it is left as it is.
     */
    Mono<Void> forget(Mirror mirror) {
        UUID whose = mirror.roster().membership().mirror();
        return inTime(
                mirror,
                wipe(mirror, leg.device, slots -> LegDisk.isLeg(leg.device, slots, whose, id))
                        .onErrorComplete()
                        .then(outside(mirror).unmark(leg.device)));
    }

    /** Lets the leg keep what it says, except this owner's mark. */
    Mono<Void> disown(Mirror mirror) {
        return inTime(mirror, outside(mirror).unmark(leg.device));
    }

    /** Removes from a leg that has gone what made it a leg, and its owner's mark. */
    static Mono<Void> wipe(Mirror mirror, BlockDevice device) {
        return wipe(mirror, device, any -> true);
    }

    private static Mono<Void> wipe(Mirror mirror, BlockDevice device, Predicate<List<byte[]>> which) {
        LegsOutside outside = outside(mirror);
        Mono<Boolean> isWiped = LegDisk.isMarked(device).map(marked -> !marked);
        Mono<Void> unmarked = mirror.runtime().options().ownerMarks()
                ? outside.held(device, isWiped).then(OwnerMarks.erase(device))
                : Mono.empty();
        return new LegWipe(device, unchanged -> outside.held(device, unchanged))
                .run(which)
                .flatMap(wiped -> unmarked);
    }

    private static LegsOutside outside(Mirror mirror) {
        return new LegsOutside(mirror.runtime(), mirror.owner());
    }

    private Mono<Void> inTime(Mirror mirror, Mono<Void> work) {
        return leg.inFlight() > 0
                ? Mono.empty()
                : work.timeout(
                                Duration.ofNanos(mirror.runtime().options().legDeadlineNanos()),
                                mirror.runtime().clock())
                        .onErrorComplete()
                        .contextWrite(LegCall.within(
                                mirror.runtime().options(), mirror.runtime().clock()));
    }
}
