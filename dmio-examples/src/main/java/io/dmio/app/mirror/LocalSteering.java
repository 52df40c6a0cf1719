package io.dmio.app.mirror;

import io.dmio.BlockDevice;
import io.dmio.DeviceException;
import io.dmio.Errno;
import io.dmio.mirror.LegStatus;
import io.dmio.mirror.MirrorDevice;
import io.dmio.mirror.MirrorRefusal;
import io.dmio.mirror.MirrorStatus;
import io.dmio.mirror.ScrubMode;
import io.dmio.mirror.ScrubReport;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** A mirror that runs in this process, and the devices that were opened for it. */
final class LocalSteering implements Steering {

    private final MirrorDevice mirror;
    private final Newcomers newcomers;
    private final LegDevices devices;

    /** Opens new legs; blocks. */
    interface Newcomers {
        /**
         * Opens a leg.
         *
         * @param leg as the user wrote it
         * @param present the names of the legs that are there
         * @param bytes the size of a new file
         * @param force also where it holds something
         */
        LegOpening open(String leg, List<String> present, long bytes, boolean force);

        /**
         * Refuses, as far as looking tells, what would be refused if it were to come in; changes nothing.
         *
         * @param leg as the user wrote it
         * @param mirror that it is to come into
         * @param force also where it holds something
         */
        default void look(String leg, MirrorStatus mirror, boolean force) {}
    }

    /**
     * @param opened the legs that it was started with
     * @param newcomers opens more of them
     */
    LocalSteering(MirrorDevice mirror, List<BlockDevice> opened, Newcomers newcomers) {
        this.mirror = mirror;
        this.newcomers = newcomers;
        this.devices = new LegDevices(mirror, opened);
    }

    MirrorDevice mirror() {
        return mirror;
    }

    /** All devices that were opened and not closed yet. */
    List<BlockDevice> devices() {
        return devices.all();
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
        return name(leg).flatMap(name -> mirror.remove(leg).then(devices.left(name)));
    }

    @Override
    public Mono<Integer> replace(int old, String leg, boolean force) {
        ReplaceInPlace inPlace = new ReplaceInPlace(this, newcomers, new ReplaceInPlace.Wanted(old, leg, force));
        return status().flatMap(status -> inPlace.isWanted(status) ? inPlace.run(status) : beside(old, leg, force));
    }

    private Mono<Integer> beside(int old, String leg, boolean force) {
        return name(old)
                .flatMap(name -> opened(leg, force, device -> mirror.replace(old, device))
                        .flatMap(index -> devices.left(name).thenReturn(index)));
    }

    @Override
    public Mono<Void> split(int leg) {
        return name(leg).flatMap(name -> mirror.split(leg).then(devices.left(name)));
    }

    @Override
    public Mono<Void> close() {
        Mono<Void> legs = devices.close();
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
            List<String> taken = Stream.concat(LegDevices.present(status).stream(), devices.names())
                    .distinct()
                    .toList();
            LegOpening opening = newcomers.open(leg, taken, legBytes(), force);
            opening.devices().forEach(devices::add);
            return opening;
        }
    }

    // A failure after the new leg has come in, as when the old one cannot go or the mirror is closed, leaves the new
    // leg in: its file holds what clients write from then on.
    private <T> Mono<T> givenBack(LegOpening opening, DeviceException refused) {
        Mono<Void> undone = Mono.<Void>fromRunnable(() -> undo(opening)).subscribeOn(Schedulers.boundedElastic());
        return status().map(status -> LegDevices.present(status)
                        .contains(opening.devices().get(0).info().name()))
                .onErrorReturn(true) // nobody can tell
                .flatMap(isIn -> isIn || isOutAgain(refused) ? Mono.<Void>empty() : undone)
                .then(Mono.error(Advice.of(refused)));
    }

    private void undo(LegOpening opening) {
        opening.devices().forEach(devices::remove);
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
        return devices.all().stream().mapToLong(leg -> leg.info().bytes()).max().orElseThrow();
    }

    private Mono<String> name(int leg) {
        return status().map(status -> status.legs().stream()
                .filter(one -> one.index() == leg)
                .map(LegStatus::name)
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("the mirror has no leg " + leg)));
    }
}
