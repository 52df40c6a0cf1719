package io.dmio.mirror;

import io.dmio.BlockDevice;
import io.dmio.DeviceException;
import io.dmio.DeviceInfo;
import io.dmio.Errno;
import io.dmio.Handover;
import io.dmio.mirror.disk.LegLayout;
import io.dmio.mirror.disk.LegRecord;
import io.dmio.mirror.disk.LegRecord.State;
import io.dmio.mirror.disk.Membership;
import io.dmio.mirror.disk.Planes;
import io.dmio.mirror.disk.Superblock;
import java.util.HashSet;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** Changes the legs while the mirror runs: adds, removes, replaces and splits them off. */
final class LegChanges {

    private final Mirror mirror;
    private final MirrorRuntime runtime;
    private final DeviceInfo info;
    private final LegRemovals removals;
    private final Set<BlockDevice> coming = new HashSet<>(); // devices that are being added

    /**
     * @param info what the mirror promises, which a new leg must be able to keep
     */
    LegChanges(Mirror mirror, DeviceInfo info) {
        this.mirror = mirror;
        this.runtime = mirror.runtime();
        this.info = info;
        this.removals = new LegRemovals(mirror);
    }

    /** Adds a leg. What has begun goes on after a cancel, as half of it is no state to leave a leg in. */
    Mono<Integer> add(BlockDevice device) {
        LegDisk blank = LegDisk.blank(Objects.requireNonNull(device, "leg"));
        Mono<Integer> added = runtime.<LegDisk>whileOpen(caller -> {
                    if (!coming.add(device)) { // it would be wiped again when it takes part
                        throw DeviceException.of(Errno.EBUSY, blank.name(), "is being added already");
                    }
                    caller.success(blank);
                })
                .flatMap(disk -> look(disk)
                        .flatMap(known -> runtime.change(place(known)))
                        .doOnTerminate(() -> runtime.tell(() -> coming.remove(device))));
        return Handover.whole(added, index -> {});
    }

    private Mono<LegDisk> look(LegDisk blank) {
        BlockDevice device = blank.device();
        return Mono.defer(() -> {
                    requireFit(blank);
                    device.pin();
                    return LegDisk.isMarked(LegDisk.usable(device));
                })
                .flatMap(marked -> marked ? known(device) : Mono.just(blank))
                .contextWrite(LegCall.within(runtime.options(), runtime.clock()));
    }

    Mono<Void> remove(int index) {
        return Handover.whole(removals.remove(index), nothing -> {});
    }

    // Legs are told apart by their ids: until the new leg has everything, others may go, and yet others come into their
    // places.
    Mono<Integer> replace(int old, BlockDevice fresh) {
        Objects.requireNonNull(fresh, "fresh");
        return id(old).flatMap(leaving -> add(fresh)
                .flatMap(index -> id(index)
                        .flatMap(id -> whenComplete(index, id)
                                .flatMap(whole ->
                                        id.equals(leaving) ? Mono.just(index) : without(old, leaving, index)))));
    }

    private Mono<Integer> without(int old, UUID leaving, int index) {
        return Handover.<Void, Void>whole(removals.remove(old, leaving), nothing -> {})
                .thenReturn(index);
    }

    private Mono<UUID> id(int index) {
        return runtime.whileOpen(sink -> {
            mirror.roster().requireLeg(index);
            sink.success(mirror.roster().membership().leg(index).id());
        });
    }

    private Mono<Integer> whenComplete(int index, UUID id) {
        return runtime.whileOpen(sink -> mirror.resync()
                .when(() -> !is(index, id) || isComplete(index), sink, closed -> {
                    if (closed != null) {
                        sink.error(closed);
                    } else if (is(index, id)) {
                        sink.success(index);
                    } else {
                        sink.error(mirror.roster().noLeg(index));
                    }
                }));
    }

    private boolean is(int index, UUID id) {
        return mirror.roster().membership().leg(index).id().equals(id);
    }

    Mono<BlockDevice> split(int index) {
        Mono<BlockDevice> device = runtime.<Leg>whileOpen(sink -> {
                    mirror.roster().requireLeg(index);
                    new Split(mirror, index, sink::success, sink::error).start();
                })
                .flatMap(leg -> Removed.wipe(mirror, leg.device)
                        .thenReturn(leg.device)
                        .onErrorMap(DeviceException.class, LegChanges::stillMarked));
        return Handover.whole(
                runtime.change(device).contextWrite(LegCall.within(runtime.options(), runtime.clock())), given -> {});
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
                    boolean ours = disk.mark()
                            .membership()
                            .mirror()
                            .equals(mirror.roster().membership().mirror());
                    if (!ours && !runtime.options().overwrite()) {
                        throw DeviceException.of(
                                Errno.EEXIST, disk.name(), "carries another mirror", MirrorRefusal.OTHER_MIRROR);
                    }
                    return ours ? disk : LegDisk.blank(device);
                })
                .onErrorResume(damaged ->
                        runtime.options().overwrite() ? Mono.just(LegDisk.blank(device)) : Mono.error(damaged));
    }

    private Mono<Integer> place(LegDisk disk) {
        return runtime.whileOpen(sink -> {
            requireFit(disk);
            Superblock mark = disk.superblock();
            Membership membership = mirror.roster().membership();
            int known = mark == null ? -1 : membership.indexOf(mark.leg());
            Identity identity = known < 0 ? null : Identity.of(membership, known, disk);
            boolean behind = identity != null && identity.kind() != Identity.Kind.STRANGE;
            if (mark != null && !behind && !runtime.options().overwrite()) {
                throw DeviceException.of(
                        Errno.EINVAL,
                        disk.name(),
                        "was a leg of this mirror, and was removed or went on without it",
                        MirrorRefusal.FORMER_LEG);
            }
            requireAbsent(disk, known);
            int index = known >= 0 ? known : freeSlot(membership);
            if (identity == null || identity.kind() != Identity.Kind.AS_IT_LEFT) {
                mirror.planes().setAll(Planes.stale(index));
            }
            if (!behind) {
                LegRecord record = disk.record(runtime.options().newId(), false).with(State.OUT);
                mirror.onRecord().change(membership.with(index, known >= 0 ? membership.leg(index) : record));
            }
            Leg leg = mirror.newLeg(index, disk);
            Consumer<@Nullable DeviceException> told = problem -> {
                if (problem == null) {
                    sink.success(index);
                    return;
                }
                takeBack(leg, known >= 0, () -> sink.error(problem));
            };
            mirror.roster().put(leg);
            if (behind) {
                mirror.rejoin().join(leg, told);
            } else {
                mirror.rejoin().introduce(leg, runtime.options().overwrite(), told);
            }
        });
    }

    private void requireAbsent(LegDisk disk, int known) {
        for (Leg leg : mirror.roster().present()) {
            if (leg.device.equals(disk.device())) {
                throw DeviceException.of(Errno.EBUSY, disk.name(), "is leg " + leg.index + " already");
            }
        }
        if (known >= 0 && mirror.roster().leg(known) != null) {
            throw DeviceException.of(Errno.EBUSY, disk.name(), "is leg " + known + " already");
        }
        if (known >= 0 && mirror.roster().isLeaving(known)) {
            throw DeviceException.of(Errno.EBUSY, disk.name(), "is leg " + known + ", which is being removed");
        }
    }

    // Takes back a leg that could not come in: its place is as it was, or free, and the leg is as blank as it came.
    private void takeBack(Leg leg, boolean wasKnown, Runnable then) {
        if (!leg.equals(mirror.roster().leg(leg.index))) {
            then.run(); // it was taken out meanwhile
            return;
        }
        Removed removed =
                new Removed(leg, mirror.roster().membership().leg(leg.index).id());
        boolean stays = wasKnown || mirror.roster().isLeaving(leg.index);
        if (stays) {
            mirror.departures().forget(leg);
        } else {
            mirror.departures().vacate(leg);
        }
        leg.whenIdle(() ->
                (stays ? removed.disown(mirror) : removed.forget(mirror)).subscribe(never -> {}, never -> {}, then));
    }

    private void requireFit(LegDisk disk) {
        Assembly.requireRoom(disk, runtime.chunkSectors(), runtime.sectorCount());
        LegFit.require(disk, info);
    }

    private static int freeSlot(Membership membership) {
        for (int i = 0; i < LegLayout.LEGS_MAX; i++) {
            if (membership.leg(i).isFree()) {
                return i;
            }
        }
        throw DeviceException.of(Errno.ENOSPC, "mirror", "has " + LegLayout.LEGS_MAX + " legs: remove one first");
    }

    private boolean isComplete(int index) {
        Leg leg = mirror.roster().leg(index);
        return leg != null && mirror.roster().isInSync(leg);
    }
}
