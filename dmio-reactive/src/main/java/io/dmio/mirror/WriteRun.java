package io.dmio.mirror;

import io.dmio.BlockOp;
import io.dmio.DeviceException;
import io.dmio.Errno;
import io.dmio.concurrent.RangeLock;
import io.dmio.memory.Bytes;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One write, discard or write-zeroes on its way to all legs. The order is that of the rules: it has its range to itself, its chunks are durably
 * dirty, every leg that takes part has answered or is on record as out; then it is acknowledged.
 *
 * <p>Legs write from a copy of the caller's memory, unless that is stable. So all legs get the same bytes, whatever the caller does to its
 * memory meanwhile, and a leg that is set aside may hold the copy long after the caller has its memory back.
 */
final class WriteRun extends LegFan implements Laggards.Lagging {

    private final Parts parts;
    private final ChunkTable chunks;
    private final OnRecord onRecord;
    private final BlockOp op; // as legs get it: the caller may reuse its own memory once it is told
    private final Told told;
    private final int first;
    private final int last;
    private List<Runnable> whenOver = List.of();
    private RangeLock.@Nullable Range range;
    private int losses; // by flushes, as counted when legs were asked
    private int lagging; // bit i: leg i is not waited for
    private boolean marked;
    private Answer answer = Answer.OPEN;
    private boolean over; // no leg has it in flight any more

    /** The state of the answer to the caller; some legs may not have answered yet. */
    private enum Answer {
        /** Some legs that have to be waited for have not answered. */
        OPEN,
        /** All of those legs have answered; what they did is going on record. */
        DECIDED,
        /** The caller is told. */
        GIVEN
    }

    /** What it works on. */
    record Parts(
            Legs legs,
            RangeLock locks,
            Bitmap bitmap,
            Cleaner cleaner,
            OnRecord onRecord,
            Divergence divergence,
            Ownership owner) {}

    /** Hears how a write ends. */
    interface Told {
        /** Called with null when it is written, or with why it could not be. */
        void answered(@Nullable DeviceException problem);

        /** Called when no leg has it in flight any more and its range is free. */
        void over();
    }

    WriteRun(Parts parts, BlockOp op, ByteBuf bytes, Told told) {
        super(parts.legs, Work.WRITE);
        this.parts = parts;
        this.chunks = parts.bitmap.chunks();
        this.onRecord = parts.onRecord;
        this.op = op instanceof BlockOp.Write write ? new BlockOp.Write(write.sector(), bytes, write.fua()) : op;
        this.told = told;
        this.first = chunks.chunkOf(op.sector());
        this.last = chunks.lastChunkOf(op.sector(), op.sectorCount());
    }

    /**
     * Returns the memory that legs write from: a copy, or the caller's memory if that is stable. If legs may lag it is
     * always a copy, as nobody promised anything for the time after the answer.
     */
    static ByteBuf bytesOf(BlockOp op, MirrorSettings options) {
        if (!(op instanceof BlockOp.Write write)) {
            return Unpooled.EMPTY_BUFFER;
        }
        ByteBuf from = write.from();
        if (options.stableMemory() && options.writeBehindSectors() == 0) {
            return from.retain();
        }
        ByteBuf copy = HeldMemory.allocate(from.capacity());
        try {
            Bytes.copy(from, 0, copy, 0, from.capacity());
            return copy;
        } catch (RuntimeException | Error released) {
            copy.release();
            throw released;
        }
    }

    void start() {
        RangeLock.Range own = new RangeLock.Range(op.sector(), op.sectorCount(), this::locked);
        range = own;
        if (parts.locks.enter(own)) {
            locked();
        }
    }

    /** Starts in a range that is locked already. */
    void startLocked() {
        locked();
    }

    @Override
    public void afterLag(Runnable called) {
        whenOver = whenOver.isEmpty() ? new ArrayList<>() : whenOver;
        whenOver.add(called);
    }

    private void locked() {
        String refusal = roster.refusesWrites();
        if (refusal != null) {
            refuse(refused(Errno.EIO, refusal));
            return;
        }
        marked = true;
        int outMask = roster.outMask();
        ChunkTable.Mark mark = chunks.begin(first, last, outMask);
        if (mark == ChunkTable.Mark.NEXT_BATCH && outMask == 0) {
            chunks.markAround(first, last);
        }
        if (mark == ChunkTable.Mark.DURABLE || !runtime.options().keeps(Rule.MARK_BEFORE_WRITE)) {
            submit();
        } else if (mark == ChunkTable.Mark.IN_BATCH) {
            parts.bitmap.writer().awaitBatch(this::logged);
        } else {
            parts.bitmap.writer().await(this::logged);
        }
        if (mark != ChunkTable.Mark.DURABLE) {
            parts.cleaner.start();
        }
        boolean noted = runtime.options().keeps(Rule.NOTE_WHO_LACKS_AHEAD);
        if (chunks.markAhead(last, noted ? outMask : 0)) {
            parts.bitmap.writer().write();
        }
    }

    private void logged(@Nullable DeviceException problem) {
        if (problem == null) {
            submit();
        } else {
            refuse(refused(Errno.EIO, "the bitmap could not be written: " + problem.getMessage()));
        }
    }

    private void submit() {
        List<Leg> legs = roster.present();
        for (Leg leg : legs) {
            if (leg.takesPart()) {
                expect(leg);
                lagging |= mayLag(leg) ? leg.bit() : 0;
            }
        }
        if ((roster.completeMask() & ~lagging) == 0) {
            lagging = 0; // a leg that has everything has to be waited for
        }
        losses = parts.divergence.losses();
        int asked = waiting();
        for (Leg leg : legs) {
            if ((asked & leg.bit()) != 0) {
                leg.lagSectorsReserved += (lagging & leg.bit()) != 0 ? op.sectorCount() : 0;
                ask(leg);
            }
        }
        allAsked();
    }

    private void ask(Leg leg) {
        if (op instanceof BlockOp.Write write) {
            leg.write(write, this);
        } else {
            leg.zero(op.kind() == BlockOp.Kind.DISCARD, op.sector(), op.sectorCount(), this);
        }
    }

    private boolean mayLag(Leg leg) {
        return op instanceof BlockOp.Write write
                && !write.fua()
                && leg.lagSectorsReserved + op.sectorCount()
                        <= runtime.options().writeBehindSectors()
                && roster.membership().leg(leg.index).writeMostly()
                && roster.isInSync(leg);
    }

    @Override
    public void answered(LegOp done, @Nullable DeviceException problem) {
        Leg leg = done.leg;
        if ((lagging & leg.bit()) != 0) {
            leg.lagSectorsReserved -= op.sectorCount();
            leg.lagSectors -= answer == Answer.OPEN ? 0 : op.sectorCount();
        }
        super.answered(done, problem);
    }

    @Override
    boolean flushes(Leg leg) {
        return op instanceof BlockOp.Write write && write.fua() && leg.flushesToForce();
    }

    @Override
    void progress() {
        boolean onlyLagging = waiting() != 0 && (waiting() & ~lagging) == 0 && !laggards.areToCatchUp();
        if (onlyLagging && isGood() && answer == Answer.OPEN) {
            laggards.add(this);
            roster.present().stream()
                    .filter(leg -> (waiting() & leg.bit()) != 0)
                    .forEach(leg -> leg.lagSectors += op.sectorCount());
            decide(done() | lagging);
        }
    }

    @Override
    void ended() {
        over = true;
        laggards.remove(this);
        if (!whenOver.isEmpty()) {
            whenOver.forEach(runtime::tell); // now, as the record that the answer waits for may itself wait for this
        }
        if (answer == Answer.OPEN) {
            decide(done());
        } else {
            lookWhetherEnded();
        }
    }

    // A leg that missed the write must be on record as out before anybody is told that it is written.
    private void decide(int has) {
        answer = Answer.DECIDED;
        if (!isGood()) {
            parts.divergence.written(first, last, kept(), done());
            give(failed());
            return;
        }
        if (parts.divergence.mayHaveLost(losses, first, last)) {
            failures.lostMeanwhile(); // whoever flushes it is told
        }
        long needed = onRecord.versionWithout(has);
        if (onRecord.isDurable(needed)) {
            give(tooFew());
        } else {
            onRecord.await(needed, problem -> give(problem == null ? tooFew() : unrecorded(problem)));
        }
    }

    private @Nullable DeviceException tooFew() {
        String refusal = roster.refusesWrites();
        return refusal == null ? null : refused(Errno.EIO, refusal);
    }

    private DeviceException failed() {
        DeviceException why = failure();
        Errno errno = why == null ? Errno.EIO : why.errno();
        return refused(errno, why == null ? "no leg takes part" : "no leg could do it: " + why.getMessage());
    }

    private DeviceException unrecorded(DeviceException problem) {
        return refused(Errno.EIO, "a leg that missed it could not be recorded as out: " + problem.getMessage());
    }

    private DeviceException refused(Errno errno, String why) {
        return DeviceException.of(errno, runtime.name(), op, why);
    }

    // Ends the run before any leg was asked.
    private void refuse(DeviceException why) {
        over = true;
        give(why);
    }

    private void give(@Nullable DeviceException problem) {
        answer = Answer.GIVEN;
        lookWhetherEnded();
        parts.owner.answer(problem, told::answered);
    }

    /** Ends the run once the caller has its answer and no leg has the operation in flight. */
    private void lookWhetherEnded() {
        if (!over || answer != Answer.GIVEN) {
            return;
        }
        if (marked) {
            chunks.end(first, last);
        }
        if (range != null) {
            parts.locks.unlock(range);
        }
        told.over();
    }
}
