package io.dmio.app.mirror;

import io.dmio.BlockDevice;
import io.dmio.DeviceException;
import io.dmio.Errno;
import io.dmio.mirror.LegState;
import io.dmio.mirror.LegStatus;
import io.dmio.mirror.MirrorDevice;
import io.dmio.mirror.MirrorEvent;
import io.dmio.mirror.MirrorRefusal;
import io.dmio.mirror.MirrorStatus;
import io.dmio.mirror.ScrubMode;
import io.dmio.mirror.ScrubReport;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import java.util.stream.Stream;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** A mirror that runs in this process, and the devices that were opened for it. */
final class LocalSteering implements Steering {

    private final MirrorDevice mirror;
    private final Newcomers newcomers;
    private final List<BlockDevice> devices;

    /** Opens legs that are to come; blocks. */
    interface Newcomers {
        /**
         * Opens one.
         *
         * @param leg as the user wrote it
         * @param present the names of the legs that are there
         * @param bytes the size of a new file
         * @param force also where it holds something
         */
        LegOpening open(String leg, List<String> present, long bytes, boolean force);
    }

    /**
     * @param opened the legs that it was started with
     * @param newcomers opens more of them
     */
    LocalSteering(MirrorDevice mirror, List<BlockDevice> opened, Newcomers newcomers) {
        this.mirror = mirror;
        this.newcomers = newcomers;
        this.devices = new CopyOnWriteArrayList<>(opened);
    }

    MirrorDevice mirror() {
        return mirror;
    }

    /** All devices that were opened and not closed yet. */
    List<BlockDevice> devices() {
        return List.copyOf(devices);
    }

    @Override
    public Mono<MirrorStatus> status() {
        return mirror.status();
    }

    @Override
    public Mono<Void> resync() {
        return mirror.resync();
    }

    @Override
    public Mono<ScrubReport> scrub(ScrubMode mode) {
        return mode.authority() < 0
                ? mirror.scrub(mode)
                : name(mode.authority()).then(Mono.defer(() -> mirror.scrub(mode)));
    }

    @Override
    public Mono<Integer> add(String leg, boolean force) {
        return opened(leg, force, mirror::add);
    }

    @Override
    public Mono<Void> remove(int leg) {
        return name(leg).flatMap(name -> mirror.remove(leg).then(left(name)));
    }

    @Override
    public Mono<Integer> replace(int old, String leg, boolean force) {
        return status().flatMap(
                        status -> isOutAt(status, old, leg) ? inItsPlace(old, leg, force) : beside(old, leg, force));
    }

    private Mono<Integer> beside(int old, String leg, boolean force) {
        return name(old)
                .flatMap(name -> opened(leg, force, device -> mirror.replace(old, device))
                        .flatMap(index -> left(name).thenReturn(index)));
    }

    // Two devices of one place are never open: what one of them writes late would be in the other. So the old one goes
    // first.
    private Mono<Integer> inItsPlace(int old, String leg, boolean force) {
        return remove(old)
                .then(Mono.defer(() -> add(leg, force)))
                .onErrorMap(
                        IllegalArgumentException.class,
                        refused -> new IllegalArgumentException(
                                refused.getMessage() + " (leg " + old
                                        + " is out for good by now: dmio mirror add brings another)",
                                refused))
                .flatMap(
                        index -> status().map(status -> leg(status, index).id()).flatMap(id -> whenInSync(index, id)));
    }

    // Legs are told apart by their ids: until the new one has everything, it may go, and another come into its place.
    private Mono<Integer> whenInSync(int index, UUID id) {
        return mirror.events()
                .doOnNext(LocalSteering::requireGoingOn)
                .onBackpressureLatest() // a look at how it is now is for all that has happened
                .concatMap(news -> status(), 1)
                .map(status -> leg(status, index))
                .doOnNext(leg -> {
                    if (!leg.id().equals(id)) {
                        throw takenOut(index);
                    }
                })
                .filter(leg -> leg.state() == LegState.IN_SYNC)
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

    /** Whether a new leg is to come where one was that has failed, or has become another. */
    private static boolean isOutAt(MirrorStatus status, int old, String leg) {
        return status.legs().stream()
                .filter(one -> one.index() == old)
                .filter(one -> one.state() == LegState.FAILED || one.state() == LegState.REFUSED)
                .anyMatch(one -> Place.isSame(leg, one.name()));
    }

    @Override
    public Mono<Void> split(int leg) {
        return name(leg).flatMap(name -> mirror.split(leg).then(left(name)));
    }

    @Override
    public Mono<Void> close() {
        Mono<Void> legs =
                Flux.fromIterable(devices).concatMap(LocalSteering::closed).then();
        return mirror.close()
                .onErrorResume(failed -> legs.then(Mono.error(failed)))
                .then(legs);
    }

    /** Gives a device that came by itself to the mirror, whose it is from then on. */
    Mono<Integer> join(BlockDevice device) {
        return mirror.add(device).doOnSuccess(index -> devices.add(device));
    }

    private Mono<Integer> opened(String leg, boolean force, Function<BlockDevice, Mono<Integer>> then) {
        return status().publishOn(Schedulers.boundedElastic()) // opening blocks
                .map(status -> open(leg, status, force))
                .flatMap(opening -> {
                    BlockDevice device = opening.devices().get(0);
                    return then.apply(device)
                            .onErrorResume(
                                    DeviceException.class,
                                    refused -> force && isOverruled(refused)
                                            ? LegEnd.erase(device).then(then.apply(device))
                                            : Mono.error(refused))
                            .onErrorResume(DeviceException.class, refused -> givenBack(opening, refused));
                });
    }

    /** Opens one at a time, so that of two who name the same at once the second finds it taken; blocks. */
    private LegOpening open(String leg, MirrorStatus status, boolean force) {
        synchronized (newcomers) {
            List<String> taken = Stream.concat(
                            present(status).stream(),
                            devices.stream().map(device -> device.info().name()))
                    .distinct()
                    .toList();
            LegOpening opening = newcomers.open(leg, taken, legBytes(), force);
            devices.addAll(opening.devices());
            return opening;
        }
    }

    // What fails after the new leg has come in, as when the old one cannot go or the mirror is closed, leaves it in:
    // its file
    // holds what clients write from then on.
    private <T> Mono<T> givenBack(LegOpening opening, DeviceException refused) {
        Mono<Void> undone = Mono.<Void>fromRunnable(() -> undo(opening)).subscribeOn(Schedulers.boundedElastic());
        return status().map(status ->
                        present(status).contains(opening.devices().get(0).info().name()))
                .onErrorReturn(true) // nobody can tell
                .flatMap(isIn -> isIn || isOutAgain(refused) ? Mono.<Void>empty() : undone)
                .then(Mono.error(Advice.of(refused)));
    }

    private void undo(LegOpening opening) {
        devices.removeAll(opening.devices());
        opening.undo();
    }

    // It was in, and somebody took it out or split it off, who has closed it, and whose file it is.
    private static boolean isOutAgain(DeviceException refused) {
        return refused.errno() == Errno.ENODEV;
    }

    // A mirror that was not opened to overwrite others' legs does not, whatever is asked of it later.
    private static boolean isOverruled(DeviceException refused) {
        return refused.reason()
                .filter(why -> why == MirrorRefusal.OTHER_MIRROR || why == MirrorRefusal.FORMER_LEG)
                .isPresent();
    }

    /** What a new leg should have: as much as the largest of those that are there. */
    private long legBytes() {
        return devices.stream().mapToLong(leg -> leg.info().bytes()).max().orElseThrow();
    }

    private static List<String> present(MirrorStatus status) {
        return status.legs().stream()
                .filter(leg -> leg.state() != LegState.MISSING)
                .map(LegStatus::name)
                .toList();
    }

    private Mono<String> name(int leg) {
        return status().map(status -> status.legs().stream()
                .filter(one -> one.index() == leg)
                .map(LegStatus::name)
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("the mirror has no leg " + leg)));
    }

    // Who is in place of a lost leg may have its name, as a new disk has that of the one that broke: and it is in use.
    private Mono<Void> left(String name) {
        return status().map(status -> present(status).contains(name))
                .onErrorReturn(true) // the mirror was closed, and they with it
                .flatMap(isThere -> isThere ? Mono.<Void>empty() : closed(name));
    }

    private Mono<Void> closed(String name) {
        return Flux.fromIterable(devices)
                .filter(device -> device.info().name().equals(name))
                .concatMap(device -> {
                    devices.remove(device);
                    return closed(device);
                })
                .then();
    }

    private static Mono<Void> closed(BlockDevice device) {
        return device.close()
                .onErrorResume(DeviceException.class, told -> Mono.empty()); // nothing was written that counts
    }
}
