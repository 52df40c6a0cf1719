package io.dmio.fuzz;

import io.dmio.BlockDevice;
import io.dmio.BlockOp;
import io.dmio.Capability;
import io.dmio.DeviceInfo;
import io.dmio.Sectors;
import io.dmio.WriteOptions;
import io.dmio.device.FaultyDevice;
import io.dmio.device.MemoryDevice;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A device, and the model of what its sectors may hold: the zeroes it began with, or what any write may have left there that no
 * later one has replaced for certain. Time is counted in events.
 */
final class Disk {

    static final int SECTORS = 48;

    private final DeviceInfo info;
    private final Disks.Store store;
    private final MemoryDevice memory;
    private final WatchedDevice device;
    private final @Nullable LateDevice late;
    private final @Nullable FaultyDevice faulty;
    private final Faults faults;
    private final List<Written> writes = new ArrayList<>();
    private final List<Failure> failures = new ArrayList<>();
    private final List<Integer> flushes = new ArrayList<>();

    /** An operation that a device did not do, and when that was told. */
    record Failure(BlockOp.Kind kind, long sector, long count, int at) {
        boolean touches(long from, long sectors) {
            return sector < from + sectors && from < sector + count;
        }
    }

    Disk(Clock clock, Disks.Store store, Faults faults) {
        this.store = store;
        this.memory = store.memory();
        this.info = memory.info();
        this.faults = faults;
        this.late = faults.late() ? new LateDevice(memory) : null;
        this.faulty = late == null && faults.any() ? FaultyDevice.of(memory, faults.plan()) : null;
        BlockDevice next = late != null ? late : faulty != null ? faulty : memory;
        this.device = new WatchedDevice(
                next,
                op -> {
                    if (op.kind() == BlockOp.Kind.FLUSH) {
                        flushes.add(clock.tick());
                    }
                },
                op -> failures.add(new Failure(op.kind(), op.sector(), op.sectorCount(), clock.tick())));
    }

    BlockDevice device() {
        return device;
    }

    /** Whether every operation is answered before its subscription returns. */
    boolean isPrompt() {
        return late == null && !faults.stalls();
    }

    /** One operation, or all that wait now, may go on; whether there was one. */
    boolean answer(Draw draw) {
        if (late != null) {
            return late.answer(draw);
        }
        if (faulty == null || faulty.stalledCount() == 0) {
            return false;
        }
        if (draw.oneIn(2)) {
            faulty.release();
        } else {
            faulty.release(1);
        }
        return true;
    }

    Written write(long sector, long count, Content content, int now) {
        store.use();
        Written write = new Written(sector, count, content, now);
        writes.add(write);
        return write;
    }

    /** No byte of it has reached the device. */
    void undo(Written write) {
        writes.remove(write);
    }

    boolean liesAboutWrites() {
        return faults.lies();
    }

    List<Failure> failures() {
        return failures;
    }

    /** Whether an operation is refused by what the device says of itself. */
    boolean refuses(BlockOp.Kind kind, long sector, long count, WriteOptions options) {
        boolean flushes = info.can(Capability.FLUSH);
        if ((options.preflush() || (options.fua() && !info.can(Capability.FUA))) && !flushes) {
            return true;
        }
        if (kind == BlockOp.Kind.FLUSH || count == 0) {
            return kind == BlockOp.Kind.FLUSH && !flushes;
        }
        int block = info.logicalBlockBytes() / Sectors.BYTES;
        boolean able = switch (kind) {
            case DISCARD -> info.can(Capability.DISCARD);
            case WRITE_ZEROES -> info.can(Capability.WRITE_ZEROES);
            default -> true;
        };
        boolean writable = !kind.changes() || !info.can(Capability.READ_ONLY);
        return !able || !writable || sector + count > SECTORS || sector % block != 0 || count % block != 0;
    }

    /** Whether it was asked to make things durable. */
    boolean wasFlushed(int from, int until) {
        return flushes.stream().anyMatch(at -> at > from && at < until);
    }

    /** Whether a forced write needs a flush. */
    boolean flushesForForce() {
        return !info.can(Capability.FUA);
    }

    int blockBytes() {
        return info.logicalBlockBytes();
    }

    /**
     * Whether a sector may have been found so by somebody who looked for a while.
     *
     * @param sector which
     * @param found bytes that were read
     * @param at where among those the sector begins
     * @param from when the look began
     * @param until when it ended
     */
    boolean mayHold(long sector, byte[] found, int at, int from, int until) {
        if (faults.wild()) {
            return true;
        }
        for (Written write : writes) {
            if (write.covers(sector)
                    && write.start() < until
                    && !isReplaced(write.end(), sector, from)
                    && write.content().is(sector - write.sector(), found, at)) {
                return true;
            }
        }
        return !isReplaced(0, sector, from) && Content.isZero(found, at);
    }

    private boolean isReplaced(int end, long sector, int from) {
        for (Written later : writes) {
            if (later.isSure() && later.covers(sector) && later.start() > end && later.end() < from) {
                return true;
            }
        }
        return false;
    }

    /** When all is over: every sector is what it may be. */
    void check(int now) {
        byte[] found = memory.snapshot(0, SECTORS);
        if (writes.isEmpty() && Arrays.equals(found, Disks.NOTHING)) {
            return;
        }
        for (int sector = 0; sector < SECTORS; sector++) {
            if (!mayHold(sector, found, sector * Sectors.BYTES, now, now)) {
                throw new AssertionError("sector " + sector + " of " + this + " holds what nobody wrote: " + writes);
            }
        }
    }

    @Override
    public String toString() {
        return info + " " + faults;
    }
}
