package io.dmio.mirror;

import io.dmio.BlockDevice;
import io.dmio.BlockOp;
import io.dmio.Capability;
import io.dmio.DeviceException;
import io.dmio.Errno;
import io.dmio.mirror.disk.BitmapSector;
import io.dmio.mirror.disk.LegLayout;
import io.dmio.mirror.disk.LegMarks;
import io.dmio.mirror.disk.LegRecord;
import io.dmio.mirror.disk.Planes;
import io.dmio.mirror.disk.SizeText;
import io.dmio.mirror.disk.Superblock;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import reactor.core.Exceptions;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Signal;

/**
 * A device that is, or is to be, a leg, before the mirror runs: its superblock, if it has one.
 *
 * @param device the device
 * @param superblock the newest whole one; null if it has none yet
 * @param slot the slot of that superblock; -1 if there is none
 * @param batch its mark: the batch of the bitmap that it saw last
 * @param isHalfRead whether the device failed to read the other slot, which may be newer
 */
record LegDisk(BlockDevice device, @Nullable Superblock superblock, int slot, long batch, boolean isHalfRead) {

    private static final int SLOTS = 2;

    String name() {
        return device.info().name();
    }

    /** Returns the superblock, which says what mirror the leg belongs to. */
    Superblock mark() {
        if (superblock == null) {
            throw new IllegalStateException(name() + " has no superblock");
        }
        return superblock;
    }

    /** Whether the device says that it is this leg of this mirror. */
    boolean isLeg(UUID mirror, UUID leg) {
        return mark().membership().mirror().equals(mirror) && mark().leg().equals(leg);
    }

    LegLayout layout(int chunkSectors) {
        return LegLayout.of(name(), device.info().sectorCount(), chunkSectors);
    }

    /** Returns a device as one that is no leg yet, whatever it says. */
    static LegDisk blank(BlockDevice device) {
        return new LegDisk(device, null, -1, LegMarks.UNKNOWN, false);
    }

    /** Refuses a device that cannot be a leg at all. */
    static BlockDevice usable(BlockDevice device) {
        String name = device.info().name();
        if (device.info().can(Capability.READ_ONLY)) {
            throw DeviceException.of(Errno.EROFS, name, "read-only: a leg must be writable");
        }
        if (device.info().logicalBlockBytes() > LegLayout.SLOT_BYTES) {
            throw DeviceException.of(
                    Errno.EINVAL,
                    name,
                    "blocks of " + device.info().logicalBlockBytes() + " bytes: a leg's are at most 4096");
        }
        if (device.info().transferBytesMax() < LegLayout.SLOT_BYTES) {
            throw DeviceException.of(
                    Errno.EINVAL,
                    name,
                    "transfers of " + device.info().transferBytesMax() + " bytes: a leg's are at least 4096");
        }
        return roomy(device);
    }

    private static BlockDevice roomy(BlockDevice device) {
        long sectors = device.info().sectorCount();
        if (LegLayout.slotSector(sectors, 0) < LegLayout.UNIT_SECTORS) {
            throw DeviceException.of(
                    Errno.ENOSPC, device.info().name(), "too small for a leg: " + SizeText.of(sectors));
        }
        return device;
    }

    /** Reads a leg's superblock; errors with a refusal that says why there is none to go by. */
    static Mono<LegDisk> read(BlockDevice device) {
        return asked(roomy(device)).flatMap(asked -> {
            LegDisk disk = of(device, readable(asked), asked.stream().anyMatch(Signal::hasError));
            return LegMemory.with(
                    LegLayout.SLOT_BYTES,
                    memory -> LegCall.of(device, new BlockOp.Read(disk.firstUnitSector(), memory))
                            .then(Mono.fromSupplier(() -> disk.withMark(memory)))
                            .onErrorResume(LegCall::hasAnswered, unreadable -> Mono.just(disk)));
        });
    }

    /** Returns a leg by its slots as they were read; its mark is still unknown. */
    static LegDisk of(BlockDevice device, List<byte[]> slots) {
        return of(device, slots, false);
    }

    private static LegDisk of(BlockDevice device, List<byte[]> slots, boolean isHalfRead) {
        Superblock.Found newest =
                Superblock.newest(device.info().name(), device.info().sectorCount(), slots);
        return new LegDisk(device, newest.superblock(), newest.slot(), LegMarks.UNKNOWN, isHalfRead);
    }

    /** Returns the same leg with its mark, by its first unit of the bitmap. */
    LegDisk withMark(ByteBuf firstUnit) {
        return new LegDisk(
                device, superblock, slot, BitmapSector.mark(mark().membership().mirror(), firstUnit), isHalfRead);
    }

    private long firstUnitSector() {
        return layout(mark().membership().chunkSectors()).unitSector(Planes.DIRTY, 0);
    }

    /** Whether a device carries a mirror's mark in either slot, whole or torn. */
    static Mono<Boolean> isMarked(BlockDevice device) {
        return slots(device).map(slots -> slots.stream().anyMatch(Superblock::isMarked));
    }

    /** Whether these slots of a device say that it is a leg of a mirror. */
    static boolean isLeg(BlockDevice device, List<byte[]> slots, UUID mirror, UUID leg) {
        try {
            return of(device, slots).isLeg(mirror, leg);
        } catch (DeviceException none) {
            return false;
        }
    }

    /** Writes a superblock into the first slot, durably. */
    static Mono<Void> mark(BlockDevice device, Superblock superblock) {
        return LegMemory.with(
                LegLayout.SLOT_BYTES,
                memory -> LegCall.of(
                                device,
                                new BlockOp.Write(
                                        slotSector(device, 0), memory.setBytes(0, superblock.encode()), false))
                        .then(flush(device)));
    }

    /** Reads this leg's bitmap, and takes it over where it is newer. */
    Mono<Void> readPlanes(Planes planes, int chunkSectors) {
        return Flux.range(0, Planes.COUNT)
                .concatMap(plane -> readPlane(plane, planes, chunkSectors))
                .then();
    }

    private Mono<Void> readPlane(int plane, Planes planes, int chunkSectors) {
        LegLayout layout = layout(chunkSectors);
        return LegMemory.with(
                LegLayout.SLOT_BYTES,
                memory -> Flux.range(0, planes.units())
                        .concatMap(unit -> LegCall.of(device, new BlockOp.Read(layout.unitSector(plane, unit), memory))
                                .then(Mono.<Void>fromRunnable(() -> planes.decode(plane, unit, memory)))
                                .onErrorResume(LegCall::hasAnswered, unread -> Mono.empty())) // other legs have it
                        .then());
    }

    /**
     * Adds what this leg itself says that it lacks, or may lack, even if others say that it has had that since. Where
     * its dirty bits cannot be read, everything was dirty.
     */
    Mono<Void> confess(int index, Planes planes, int chunkSectors) {
        return Mono.defer(() -> {
            Planes own = new Planes(mark().membership().mirror(), planes.chunkCount());
            return readPlane(Planes.DIRTY, own, chunkSectors)
                    .then(readPlane(Planes.stale(index), own, chunkSectors))
                    .then(Mono.fromRunnable(() -> {
                        own.setUnread(Planes.DIRTY);
                        planes.add(own, index);
                    }));
        });
    }

    /** Returns a membership's record of this device. */
    LegRecord record(UUID id, boolean writeMostly) {
        return new LegRecord(id, LegRecord.State.IN, writeMostly, LegMarks.NONE, name());
    }

    static Mono<Void> flush(BlockDevice device) {
        return LegCall.of(device, new BlockOp.Flush());
    }

    /** Reads both superblock slots as they are. */
    static Mono<List<byte[]>> slots(BlockDevice device) {
        return asked(device).map(LegDisk::readable);
    }

    private static Mono<List<Signal<byte[]>>> asked(BlockDevice device) {
        return LegMemory.with(
                LegLayout.SLOT_BYTES,
                memory -> Flux.range(0, SLOTS)
                        .concatMap(slot -> LegCall.of(device, new BlockOp.Read(slotSector(device, slot), memory))
                                .then(Mono.fromSupplier(() -> bytes(memory)))
                                .materialize()
                                .doOnNext(LegDisk::refuseIfItHangs))
                        .filter(read -> read.hasValue() || read.hasError())
                        .collectList());
    }

    private static void refuseIfItHangs(Signal<byte[]> read) {
        Throwable failure = read.getThrowable();
        if (failure != null && !LegCall.hasAnswered(failure)) {
            throw Exceptions.propagate(failure);
        }
    }

    // A slot that cannot be read counts as torn if the other one is marked, but may be the newest (isHalfRead). This
    // does not hold where the leg hangs.
    private static List<byte[]> readable(List<Signal<byte[]>> slots) {
        List<byte[]> bytes = new ArrayList<>();
        for (Signal<byte[]> slot : slots) {
            byte[] read = slot.get();
            bytes.add(read == null ? new byte[LegLayout.SLOT_BYTES] : read);
        }
        if (bytes.stream().noneMatch(Superblock::isMarked)) {
            for (Signal<byte[]> slot : slots) {
                Throwable unreadable = slot.getThrowable();
                if (unreadable != null) {
                    throw Exceptions.propagate(unreadable);
                }
            }
        }
        return bytes;
    }

    private static byte[] bytes(ByteBuf memory) {
        byte[] copy = new byte[memory.capacity()];
        memory.getBytes(0, copy);
        return copy;
    }

    private static long slotSector(BlockDevice device, int slot) {
        return LegLayout.slotSector(device.info().sectorCount(), slot);
    }

    /** Refuses no legs, too many legs, and a leg that is given twice. */
    static List<BlockDevice> counted(List<? extends BlockDevice> legs) {
        if (legs.isEmpty() || legs.size() > LegLayout.LEGS_MAX) {
            throw new IllegalArgumentException(legs.size() + " legs: 1 to " + LegLayout.LEGS_MAX);
        }
        List<BlockDevice> all = List.copyOf(legs);
        for (int i = 1; i < all.size(); i++) {
            if (all.subList(0, i).contains(all.get(i))) {
                throw new IllegalArgumentException(
                        all.get(i).info().name() + " is given twice: legs are all different");
            }
        }
        return all;
    }

    static List<BlockDevice> usable(List<? extends BlockDevice> devices) {
        List<BlockDevice> all = new ArrayList<>();
        devices.forEach(device -> all.add(usable(device)));
        return all;
    }
}
