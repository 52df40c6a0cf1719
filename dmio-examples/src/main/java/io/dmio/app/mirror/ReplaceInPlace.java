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
 * Replaces a leg that has failed, or is a different one by now, by what is at its place. Two devices of one place are never open, as late
 * writes of one would be in the other. So the old leg goes first, but only after a look at what is there: what cannot come in is refused
 * while nothing has changed.
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
     * @param force whether to take it even if it holds something
     */
    record Wanted(int old, String leg, boolean force) {}

    ReplaceInPlace(LocalSteering steering, LocalSteering.Newcomers newcomers, Wanted wanted) {
        this.steering = steering;
        this.newcomers = newcomers;
        this.wanted = wanted;
    }

    /** Returns whether the new leg is where the old one was. */
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

    // Legs are told apart by their ids: before the new one has
    // everything, it may go, and another may come in its place.
    private Mono<Integer> whenInSync(int index, UUID id) {
        return steering.mirror()
                .events()
                .doOnNext(ReplaceInPlace::requireGoingOn)
                .onBackpressureLatest() // one look at the current state serves for all events so far
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
