package io.dmio.mirror;

import io.dmio.BlockOp;
import io.dmio.DeviceException;
import io.dmio.Errno;
import io.dmio.Sectors;
import io.dmio.memory.Bytes;
import io.netty.buffer.ByteBuf;
import java.util.IdentityHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One read from one leg, and from another one if that leg fails or is too slow. Each attempt has memory of its own, so
 * that a late answer cannot overwrite a good one; the copy costs little compared with a disk's answer. A range of
 * several chunks that no single leg has is cut between two chunks.
 */
final class ReadRun implements LegTask {

    private final Parts parts;
    private final MirrorRuntime runtime;
    private final Roster roster;
    private final long sector;
    private final ByteBuf into;
    private final int offset; // in bytes
    private final int bytes;
    private final Consumer<@Nullable DeviceException> told;
    private final IdentityHashMap<LegOp, ByteBuf> attempts = new IdentityHashMap<>(2);
    private @Nullable DeviceException failure;
    private int tried; // legs that were asked
    private int bad; // legs that failed it
    private int late;
    private boolean over;

    /** What it works on. */
    record Parts(Legs legs, ReadBalancer balancer, ChunkTable chunks, Healer healer) {}

    /** Hears of a range that one leg could not read and another leg could. */
    interface Healer {
        void heal(Leg leg, long sector, long count);
    }

    /** A range of sectors, and where their bytes go in the memory of the whole read. */
    private record Part(long sector, int offset, int bytes) {}

    private ReadRun(Parts parts, ByteBuf into, Part part, Consumer<@Nullable DeviceException> told) {
        this.parts = parts;
        this.runtime = parts.legs.runtime();
        this.roster = parts.legs.roster();
        this.into = into;
        this.sector = part.sector;
        this.offset = part.offset;
        this.bytes = part.bytes;
        this.told = told;
    }

    /**
     * Reads a range.
     *
     * @param parts what it works on
     * @param read what to read, into memory that its owner keeps until told
     * @param not bit i: do not read from leg i
     * @param told called with null when the memory is full, otherwise with the failure
     */
    static void start(Parts parts, BlockOp.Read read, int not, Consumer<@Nullable DeviceException> told) {
        ByteBuf into = read.into();
        ReadRun run = new ReadRun(parts, into, new Part(read.sector(), 0, into.capacity()), told);
        run.tried = not;
        run.begin();
    }

    @Override
    public Work work() {
        return Work.READ;
    }

    @Override
    public void answered(LegOp op, @Nullable DeviceException problem) {
        ByteBuf memory = attempts.remove(op);
        if (memory == null || over) {
            runtime.memory().free(memory);
            return;
        }
        if (problem == null) {
            Bytes.copy(memory, 0, into, offset, bytes);
            runtime.memory().free(memory);
            over = true;
            setLateAside();
            heal();
            told.accept(null);
        } else {
            runtime.memory().free(memory);
            failed(op, problem);
        }
    }

    @Override
    public void overdue(LegOp op) {
        late |= op.leg.bit();
        if (!over) {
            tryNext();
        }
    }

    private void begin() {
        try {
            if (!tryNext() && !cut()) {
                told.accept(none());
            }
        } catch (OutOfMemoryError noMemory) { // before any leg was asked
            told.accept(DeviceException.of(
                    Errno.ENOMEM,
                    runtime.name(),
                    BlockOp.Kind.READ,
                    sector,
                    bytes / Sectors.BYTES,
                    "" + noMemory.getMessage()));
        }
    }

    private void failed(LegOp op, DeviceException problem) {
        failure = failure == null ? problem : failure;
        if (!op.detached) {
            bad |= op.leg.bit();
            runtime.happened(MirrorEvent.Kind.READ_ERROR, op.leg.index, "" + problem.getMessage());
            if (op.leg.failures(Work.READ) > runtime.options().readErrorsMax()) {
                parts.legs.failures().failed(op.leg, problem, false);
            }
        }
        if (!tryNext() && attempts.isEmpty()) {
            over = true;
            parts.legs.failures().unserved(op.leg, problem);
            told.accept(none());
        }
    }

    private boolean tryNext() {
        long count = bytes / Sectors.BYTES;
        Leg leg = parts.balancer.pick(sector, count, tried);
        if (leg == null) {
            return false;
        }
        tried |= leg.bit();
        leg.nextReadSector = sector + count;
        ByteBuf memory = runtime.memory().hold(bytes);
        leg.reads++;
        attempts.put(leg.read(sector, memory, this), memory); // the answer is told after this event
        return true;
    }

    /** Cuts the range into two halves, each of which some leg may have. */
    private boolean cut() {
        int first = parts.chunks.chunkOf(sector);
        int last = parts.chunks.lastChunkOf(sector, bytes / Sectors.BYTES);
        if (first == last) {
            return false;
        }
        long middle = (long) (first + (last - first + 1) / 2) * runtime.chunkSectors();
        int left = (int) Sectors.toBytes(middle - sector);
        Halves halves = new Halves();
        half(new Part(sector, offset, left), halves);
        half(new Part(middle, offset + left, bytes - left), halves);
        return true;
    }

    private void half(Part part, Halves halves) {
        ReadRun run = new ReadRun(parts, into, part, halves);
        run.tried = tried;
        run.begin();
    }

    private final class Halves implements Consumer<@Nullable DeviceException> {
        private int left = 2;
        private @Nullable DeviceException problem;

        @Override
        public void accept(@Nullable DeviceException one) {
            problem = problem == null ? one : problem;
            if (--left == 0) {
                told.accept(problem);
            }
        }
    }

    // Another leg has answered, so the machine was awake, and these legs are slow.
    private void setLateAside() {
        for (Leg leg : roster.present()) {
            if ((late & leg.bit()) != 0) {
                parts.legs.failures().setAside(leg);
            }
        }
    }

    /** Writes the range again to legs that could not read it, as another leg has it. */
    private void heal() {
        for (Leg leg : roster.present()) {
            if ((bad & leg.bit()) != 0 && leg.takesPart()) {
                parts.healer.heal(leg, sector, bytes / Sectors.BYTES);
            }
        }
    }

    private DeviceException none() {
        DeviceException why = failure;
        Errno errno = why == null || why.errno() == Errno.ETIMEDOUT ? Errno.EIO : why.errno();
        String text = why == null ? "no leg that takes part has it" : "no leg could read it: " + why.getMessage();
        return DeviceException.of(errno, runtime.name(), BlockOp.Kind.READ, sector, bytes / Sectors.BYTES, text);
    }
}
