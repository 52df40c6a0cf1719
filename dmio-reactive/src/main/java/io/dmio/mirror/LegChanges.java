package io.dmio.mirror;

import io.dmio.BlockDevice;
import io.dmio.DeviceException;
import io.dmio.DeviceInfo;
import io.dmio.Errno;
import io.dmio.mirror.LegRecord.State;
import io.dmio.mirror.MirrorEvent.Kind;
import java.time.Duration;
import java.util.UUID;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** Legs that come and go while the mirror runs: added, removed, replaced, split off. */
final class LegChanges {

    private final Mirror mirror;
    private final DeviceInfo info;

    /**
     * @param info what the mirror promises, which a new leg must be able to keep
     */
    LegChanges(Mirror mirror, DeviceInfo info) {
        this.mirror = mirror;
        this.info = info;
    }

    Mono<Integer> add(BlockDevice device) {
        LegDisk blank = LegDisk.blank(device);
        return Mono.defer(() -> {
                    requireFit(blank);
                    device.pin();
                    return LegDisk.isMarked(LegDisk.usable(device));
                })
                .flatMap(marked -> marked ? known(device) : fresh(blank))
                .flatMap(this::place);
    }

    Mono<Void> remove(int index) {
        return remove(index, null);
    }

    /** Removes whoever is there, or only who has this id: else there is nothing to do. */
    private Mono<Void> remove(int index, @Nullable UUID id) {
        return mirror.<Leg>inMailbox(sink -> {
                    if (id != null && !is(index, id)) {
                        sink.success();
                        return;
                    }
                    Leg leg = mirror.roster().leg(index);
                    DeviceException refusal = refuseRemoval(index, leg);
                    if (refusal != null) {
                        sink.error(refusal);
                        return;
                    }
                    takeOut(index, "was removed", () -> sink.success(leg), sink::error);
                })
                .flatMap(this::forget);
    }

    // It is out already; that it forgets, too, is a kindness to whoever finds it, and must not hang on a dead leg.
    private Mono<Void> forget(Leg leg) {
        return leg.inFlight() == 0
                ? LegDisk.wipe(leg.device)
                        .timeout(Duration.ofNanos(mirror.options().legDeadlineNanos()), mirror.clock())
                        .onErrorComplete()
                : Mono.empty();
    }

    // Legs are told apart by their ids: until the new one has everything, others may go, and come into their places.
    Mono<Integer> replace(int old, BlockDevice fresh) {
        return id(old).flatMap(leaving -> add(fresh)
                .flatMap(index -> id(index).flatMap(id -> whenComplete(index, id)))
                .flatMap(index -> remove(old, leaving).thenReturn(index)));
    }

    private Mono<UUID> id(int index) {
        return mirror.inMailbox(sink -> {
            if (!isTaken(index)) {
                throw noLeg(index);
            }
            sink.success(mirror.roster().membership().leg(index).id());
        });
    }

    private Mono<Integer> whenComplete(int index, UUID id) {
        return mirror.inMailbox(sink -> mirror.resync().when(() -> !is(index, id) || isComplete(index), () -> {
            if (is(index, id)) {
                sink.success(index);
            } else {
                sink.error(noLeg(index));
            }
        }));
    }

    private boolean isTaken(int index) {
        return index >= 0
                && index < MirrorOptions.LEGS_MAX
                && !mirror.roster().membership().leg(index).isFree();
    }

    private boolean is(int index, UUID id) {
        return mirror.roster().membership().leg(index).id().equals(id);
    }

    private DeviceException noLeg(int index) {
        return DeviceException.of(Errno.ENODEV, mirror.name(), "has no leg " + index);
    }

    Mono<BlockDevice> split(int index) {
        return mirror.<Leg>inMailbox(sink -> new Split(
                                mirror,
                                index,
                                leg -> takeOut(index, "was split off", () -> sink.success(leg), sink::error),
                                sink::error)
                        .start())
                .flatMap(leg -> LegDisk.wipe(leg.device)
                        .thenReturn(leg.device)
                        .onErrorMap(DeviceException.class, LegChanges::stillMarked));
    }

    private static DeviceException stillMarked(DeviceException why) {
        return DeviceException.of(
                why.errno(),
                why.device(),
                "is split off and holds what it should, but its superblocks could not be taken away: "
                        + why.getMessage());
    }

    private Mono<LegDisk> known(BlockDevice device) {
        return LegDisk.read(device)
                .map(disk -> {
                    Superblock mark = disk.mark();
                    boolean ours = mark.membership()
                            .mirror()
                            .equals(mirror.roster().membership().mirror());
                    if (!ours && !mirror.options().overwrite()) {
                        throw DeviceException.of(
                                Errno.EEXIST, disk.name(), "carries another mirror: say that it may be overwritten");
                    }
                    return disk;
                })
                .onErrorResume(damaged ->
                        mirror.options().overwrite() ? Mono.just(LegDisk.blank(device)) : Mono.error(damaged))
                .flatMap(this::fresh);
    }

    /** Wiped, unless it is a leg of this mirror. */
    private Mono<LegDisk> fresh(LegDisk disk) {
        Superblock mark = disk.superblock();
        boolean ours = mark != null
                && mark.membership()
                        .mirror()
                        .equals(mirror.roster().membership().mirror());
        return ours
                ? Mono.just(disk)
                : hasPlace().then(LegDisk.wipe(disk.device())).thenReturn(LegDisk.blank(disk.device()));
    }

    // Before anything of the leg is overwritten.
    private Mono<Void> hasPlace() {
        return mirror.inMailbox(sink -> {
            freeSlot(mirror.roster().membership());
            sink.success();
        });
    }

    private Mono<Integer> place(LegDisk disk) {
        return mirror.inMailbox(sink -> {
            requireFit(disk);
            Superblock mark = disk.superblock();
            Membership membership = mirror.roster().membership();
            int known = mark == null ? -1 : membership.indexOf(mark.leg());
            Identity identity = known < 0 ? null : Identity.of(membership, known, disk);
            boolean behind = identity != null && identity.kind() != Identity.Kind.STRANGE;
            if (mark != null && !behind && !mirror.options().overwrite()) {
                throw DeviceException.of(
                        Errno.EINVAL,
                        disk.name(),
                        "was a leg of this mirror, and was removed or went on without it: say that it may be overwritten");
            }
            for (Leg leg : mirror.roster().present()) {
                if (leg.device.equals(disk.device())) {
                    throw DeviceException.of(Errno.EBUSY, disk.name(), "is leg " + leg.index + " already");
                }
            }
            if (known >= 0 && mirror.roster().leg(known) != null) {
                throw DeviceException.of(Errno.EBUSY, disk.name(), "is leg " + known + " already");
            }
            int index = known >= 0 ? known : freeSlot(membership);
            if (identity == null || identity.kind() != Identity.Kind.AS_IT_LEFT) {
                mirror.planes().setAll(Planes.stale(index));
            }
            if (!behind) {
                LegRecord record = disk.record(mirror.options().newId(), false).with(State.OUT);
                mirror.roster().change(membership.with(index, known >= 0 ? membership.leg(index) : record));
            }
            Leg leg = new Leg(mirror, index, disk);
            mirror.roster().put(leg);
            mirror.returns().join(leg, problem -> {
                if (problem == null) {
                    sink.success(index);
                    return;
                }
                if (known >= 0) {
                    mirror.roster().forget(leg);
                } else {
                    vacate(index, unrecorded -> {});
                }
                sink.error(problem);
            });
        });
    }

    private void requireFit(LegDisk disk) {
        DeviceInfo leg = disk.device().info();
        Assembly.requireRoom(disk, mirror.chunkSectors(), mirror.sectorCount());
        if (leg.logicalBlockBytes() > info.logicalBlockBytes() || leg.transferBytesMax() < info.transferBytesMax()) {
            throw DeviceException.of(
                    Errno.EINVAL,
                    disk.name(),
                    "blocks of " + leg.logicalBlockBytes() + " bytes and transfers of " + leg.transferBytesMax()
                            + ": the mirror was opened with " + info.logicalBlockBytes() + " and "
                            + info.transferBytesMax() + "; open it with this leg");
        }
    }

    private static int freeSlot(Membership membership) {
        for (int i = 0; i < MirrorOptions.LEGS_MAX; i++) {
            if (membership.leg(i).isFree()) {
                return i;
            }
        }
        throw DeviceException.of(Errno.ENOSPC, "mirror", "has " + MirrorOptions.LEGS_MAX + " legs: remove one first");
    }

    private @Nullable DeviceException refuseRemoval(int index, @Nullable Leg leg) {
        if (!isTaken(index)) {
            return noLeg(index);
        }
        if (leg != null && leg.takesPart() && !mirror.onRecord().canSpare(leg)) {
            return DeviceException.of(
                    Errno.EBUSY, leg.name(), "no other leg has everything: it can be removed when one has");
        }
        return null;
    }

    private void takeOut(int index, String what, Runnable done, Consumer<DeviceException> failed) {
        String name = mirror.roster().membership().leg(index).name();
        vacate(index, problem -> {
            if (problem == null) {
                mirror.happened(Kind.LEG_REMOVED, index, "leg " + index + " (" + name + ") " + what);
                done.run();
            } else {
                failed.accept(problem);
            }
            mirror.resync().look();
        });
    }

    // What it lacks is forgotten once it is durably gone: after a crash before that it is a leg again, and lacks it
    // still.
    private void vacate(int index, Consumer<@Nullable DeviceException> told) {
        mirror.roster().remove(index);
        if (!mirror.options().keeps(Rule.FORGET_AFTER_RECORD)) {
            mirror.planes().clearAll(Planes.stale(index));
        }
        mirror.onRecord().await(mirror.onRecord().version(), problem -> {
            if (problem == null && !isTaken(index)) {
                mirror.planes().clearAll(Planes.stale(index));
            }
            told.accept(problem);
        });
    }

    private boolean isComplete(int index) {
        Leg leg = mirror.roster().leg(index);
        return leg != null && mirror.onRecord().lacksNothing(leg);
    }
}
