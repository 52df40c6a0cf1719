package io.dmio.mirror;

import io.dmio.BlockDevice;
import io.dmio.BlockOp;
import io.dmio.DeviceException;
import io.dmio.Errno;
import io.dmio.mirror.disk.LegLayout;
import io.dmio.mirror.disk.LegMarks;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One side of the mirror, from the moment its device is there: what is in flight on it, since when, and what went wrong.
 * What it is to the mirror is a {@link LegLife}. Owned by the mailbox.
 */
final class Leg {

    final int index;
    final BlockDevice device;
    final LegLayout layout;

    int slot; // which holds the newest superblock; -1 if neither does
    int joins; // counts its comings in: what was copied to it before it left does not count afterwards

    LegState outState = LegState.FAILED;
    LegMarks marks;
    String refusal = ""; // why the device that answers is not taken for this leg
    int marksUnread; // probes in a row that could not read its mark
    long joinedNanos;
    long probePauseNanos;
    long nextReadSector;
    long lagSectors; // acknowledged without it
    long lagSectorsReserved; // that may be
    long reads;
    long slow;
    long healed;

    final MirrorRuntime runtime;
    private final Ownership ownership;
    private final Map<LegTask.Work, Long> failures = new EnumMap<>(LegTask.Work.class);
    final LegCalls calls;
    private @Nullable LegOp oldest;
    private @Nullable LegOp newest;
    private int inFlight;
    private boolean timerSet;
    private LegLife life = LegLife.OUT;
    private final List<Runnable> whenIdle = new ArrayList<>(0);

    Leg(MirrorRuntime runtime, Ownership ownership, int index, LegDisk disk) {
        this.runtime = runtime;
        this.ownership = ownership;
        this.index = index;
        this.device = disk.device();
        this.layout = disk.layout(runtime.chunkSectors());
        this.slot = disk.slot();
        this.marks = LegMarks.at(disk.batch());
        this.calls = new LegCalls(device, ownership::submit);
    }

    LegLife life() {
        return life;
    }

    boolean takesPart() {
        return life.takesPart();
    }

    /** What answers where it was is not this leg. */
    boolean isRefused() {
        return life == LegLife.OUT && outState == LegState.REFUSED;
    }

    boolean getsBitmap() {
        return life.getsBitmap();
    }

    /** Changes what it is, as the table says. */
    void happens(LegLife.Event event) {
        life = life.after(event);
    }

    /** It takes part from the start, as was on record then. */
    void starts(boolean lacksNothing) {
        life = lacksNothing ? LegLife.IN_SYNC : LegLife.SYNCING;
    }

    String name() {
        return calls.name();
    }

    int bit() {
        return 1 << index;
    }

    int inFlight() {
        return inFlight;
    }

    LegErrors errors() {
        return new LegErrors(
                failures(LegTask.Work.READ),
                failures(LegTask.Work.WRITE),
                failures(LegTask.Work.FLUSH),
                failures(LegTask.Work.SYNC),
                failures(LegTask.Work.METADATA),
                slow,
                healed);
    }

    long failures(LegTask.Work work) {
        return failures.getOrDefault(work, 0L);
    }

    LegOp read(long sector, ByteBuf into, LegTask task) {
        return start(calls.able(), new BlockOp.Read(sector, into), task);
    }

    /** Writes; durable when answered if forced, whatever the device can. */
    void write(BlockOp.Write write, LegTask task) {
        startAsOwner(write, task);
    }

    /** Whether a forced write of it takes a flush, which covers what was written before, too. */
    boolean flushesToForce() {
        return calls.flushesToForce() && runtime.options().keeps(Rule.DOUBT_AFTER_FORCED_WRITES);
    }

    /** Writes an owner's mark, durably: also while it is not known who the owner is. */
    LegOp mark(BlockOp.Write write, LegTask task) {
        return start(calls.able(), new BlockOp.Write(write.sector(), write.from(), true), task);
    }

    /** Makes a range read as zeroes, giving its space back where that is promised to do so. */
    void zero(boolean giveBack, long sector, long count, LegTask task) {
        startAsOwner(giveBack ? new BlockOp.Discard(sector, count) : new BlockOp.WriteZeroes(sector, count), task);
    }

    void flush(LegTask task) {
        start(calls.able(), new BlockOp.Flush(), task);
    }

    /** Whether a failure is none of the leg's: it was not asked, as it is not known whose it is. */
    boolean isBlameless(DeviceException failure) {
        return ownership.caused(failure);
    }

    /** In the mailbox: an operation has ended. */
    void answered(LegOp op) {
        unlink(op);
        if (!op.detached) {
            DeviceException failure = op.failure();
            if (failure != null && !isBlameless(failure)) {
                failures.merge(op.task.work(), 1L, Long::sum);
            }
            op.task.answered(op, failure);
        }
        if (inFlight == 0 && !whenIdle.isEmpty()) {
            becomesIdle();
        }
    }

    /** Calls back once nothing is in flight, or when the deadline has passed and it still owes an answer. */
    void whenIdle(Runnable told) {
        whenIdle.add(told);
        if (inFlight == 0) {
            becomesIdle();
        } else {
            runtime.after(runtime.options().legDeadlineNanos(), TimeUnit.NANOSECONDS, () -> {
                if (whenIdle.remove(told)) {
                    told.run();
                }
            });
        }
    }

    private void becomesIdle() {
        List<Runnable> all = List.copyOf(whenIdle);
        whenIdle.clear();
        all.forEach(Runnable::run);
    }

    /** Tells everybody who waits for it that it will not answer; what is in flight stays so until it does. */
    void detachAll() {
        for (LegOp op = oldest; op != null; op = op.newer) {
            if (!op.detached) {
                op.detached = true;
                LegOp gone = op;
                runtime.tell(() -> gone.task.answered(gone, late("the leg was dropped meanwhile")));
            }
        }
    }

    /** What is said of an operation that is not waited for any more. */
    DeviceException noAnswer() {
        return late("no answer in " + runtime.options().legDeadlineNanos() / 1_000_000 + " ms");
    }

    private DeviceException late(String why) {
        return DeviceException.of(Errno.ETIMEDOUT, name(), why);
    }

    /** Stops waiting for one operation, which goes on. */
    void detach(LegOp op) {
        op.detached = true;
    }

    // While it is not known who the owner is, a change waits here; the leg is not slow for that.
    private void startAsOwner(BlockOp change, LegTask task) {
        BlockDevice asked = calls.asOwner(change);
        if (ownership.mayAct()) {
            start(asked, change, task);
            return;
        }
        LegOp op = linked(asked, change, task);
        op.held = true;
        ownership.answer(null, problem -> {
            op.held = false;
            op.startNanos = runtime.nanos();
            if (problem == null && !op.detached) {
                timed(op);
                op.ask();
            } else {
                op.onError(problem != null ? problem : late("dropped meanwhile"));
            }
        });
    }

    private LegOp start(BlockDevice asked, BlockOp what, LegTask task) {
        LegOp op = linked(asked, what, task);
        timed(op);
        op.ask();
        return op;
    }

    private void timed(LegOp op) {
        if (!timerSet) {
            setTimer(op);
        }
    }

    private LegOp linked(BlockDevice asked, BlockOp what, LegTask task) {
        LegOp op = new LegOp(this, task, asked, what);
        op.older = newest;
        if (newest == null) {
            oldest = op;
        } else {
            newest.newer = op;
        }
        newest = op;
        inFlight++;
        return op;
    }

    private void unlink(LegOp op) {
        inFlight--;
        if (op.older == null) {
            oldest = op.newer;
        } else {
            op.older.newer = op.newer;
        }
        if (op.newer == null) {
            newest = op.older;
        } else {
            op.newer.older = op.older;
        }
    }

    private void setTimer(LegOp first) {
        timerSet = true;
        long left = first.startNanos + runtime.options().legDeadlineNanos() - runtime.nanos();
        runtime.after(Math.max(left, 1), TimeUnit.NANOSECONDS, this::lookForOverdue);
    }

    // One timer a leg, not one an operation: it fires when the oldest is due, which mostly was answered long ago.
    private void lookForOverdue() {
        timerSet = false;
        long now = runtime.nanos();
        for (LegOp op = oldest; op != null; op = op.newer) {
            if (op.detached || op.overdue || op.held) {
                continue;
            }
            if (now - op.startNanos < runtime.options().legDeadlineNanos()) {
                setTimer(op);
                return;
            }
            op.overdue = true;
            LegOp late = op;
            runtime.tell(() -> {
                if (!late.detached) {
                    late.task.overdue(late);
                }
            });
        }
    }
}
