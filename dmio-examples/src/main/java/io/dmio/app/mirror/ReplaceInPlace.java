package io.dmio.app.mirror;

import io.dmio.DeviceException;
import io.dmio.mirror.LegState;
import io.dmio.mirror.LegStatus;
import io.dmio.mirror.MirrorEvent;
import io.dmio.mirror.MirrorStatus;
import java.util.UUID;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/**
 * A leg that has failed, or is another by now, is replaced by what is at its place. Two devices of one place are never open, as what one of
 * them writes late would be in the other. So the old one goes first, but not before what is there was looked at: what cannot come in is
 * refused while nothing has changed.
 */
final class ReplaceInPlace {

    private final LocalSteering steering;
    private final LocalSteering.Newcomers newcomers;
    private final Wanted wanted;

    /**
     * What was asked for.
     *
     * @param old the leg that is to go
     * @param leg the one to come, as the user wrote it
     * @param force also where it holds something
     */
    record Wanted(int old, String leg, boolean force) {}

    ReplaceInPlace(LocalSteering steering, LocalSteering.Newcomers newcomers, Wanted wanted) {
        this.steering = steering;
        this.newcomers = newcomers;
        this.wanted = wanted;
    }

    /** Whether the new one is where the old one was. */
    boolean isWanted(MirrorStatus status) {
        return status.legs().stream()
                .filter(one -> one.index() == wanted.old)
                .filter(one -> one.state() == LegState.FAILED || one.state() == LegState.REFUSED)
                .anyMatch(one -> Place.isSame(wanted.leg, one.name()));
    }

    Mono<Integer> run(MirrorStatus status) {
        return Mono.<Void>fromRunnable(() -> newcomers.look(wanted.leg, status, wanted.force))
                .subscribeOn(Schedulers.boundedElastic()) // looking blocks
                .onErrorMap(DeviceException.class, Advice::of)
                .then(Mono.defer(() -> steering.remove(wanted.old)))
                .then(Mono.defer(() -> steering.add(wanted.leg, wanted.force)
                        .onErrorMap(
                                IllegalArgumentException.class,
                                refused -> new IllegalArgumentException(
                                        refused.getMessage() + " (leg " + wanted.old
                                                + " is out for good by now: dmio mirror add brings another)",
                                        refused))))
                .flatMap(index ->
                        steering.status().map(now -> leg(now, index).id()).flatMap(id -> whenInSync(index, id)));
    }

    // Legs are told apart by their ids: until the new one has everything, it may go, and another come into its place.
    private Mono<Integer> whenInSync(int index, UUID id) {
        return steering.mirror()
                .events()
                .doOnNext(ReplaceInPlace::requireGoingOn)
                .onBackpressureLatest() // a look at how it is now is for all that has happened
                .concatMap(news -> steering.status(), 1)
                .map(status -> leg(status, index))
                .doOnNext(now -> {
                    if (!now.id().equals(id)) {
                        throw takenOut(index);
                    }
                })
                .filter(now -> now.state() == LegState.IN_SYNC)
                .next()
                .switchIfEmpty(Mono.error(() -> new IllegalArgumentException(
                        "the mirror was closed before leg " + index + " had everything: it goes on at the next start")))
                .thenReturn(index);
    }

    private static void requireGoingOn(MirrorEvent event) {
        if (event.kind() == MirrorEvent.Kind.OWNER_LOST || event.kind() == MirrorEvent.Kind.BROKEN) {
            throw new IllegalArgumentException(event.message());
        }
    }

    private static LegStatus leg(MirrorStatus status, int index) {
        return status.legs().stream()
                .filter(one -> one.index() == index)
                .findFirst()
                .orElseThrow(() -> takenOut(index));
    }

    private static IllegalArgumentException takenOut(int leg) {
        return new IllegalArgumentException("leg " + leg + " was taken out again before it had everything");
    }
}
