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
 * One leg of the mirror, from when its device is there: its operations in flight, since when they are, and what went
 * wrong. Its state in the mirror is a {@link LegLife}. Owned by the mailbox.
 */
final class Leg {

    final int index;
    final BlockDevice device;
    final LegLayout layout;

    int slot; // the slot with the newest superblock; -1 if neither has one
    int joins; // how often it has come in: what was copied to it before it left does not count afterwards
    LegState outState = LegState.FAILED;
    LegMarks marks;
    String refusal = ""; // why the device that answers is not taken for this leg
    int marksUnread; // probes in a row that could not read its mark
    long joinedNanos;
    long beat; // the last mark of its owner that it is known to have got
    long probePauseNanos;
    long nextReadSector;
    long lagSectors; // sectors acknowledged without it
    long lagSectorsReserved; // sectors that may be
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

    /** Whether the device that answers in its place is not this leg. */
    boolean isRefused() {
        return life == LegLife.OUT && outState == LegState.REFUSED;
    }

    boolean getsBitmap() {
        return life.getsBitmap();
    }

    /** Changes its life as the table in {@link LegLife} says. */
    void happens(LegLife.Event event) {
        life = life.after(event);
    }

    /** Lets it take part from the start, as the record read then says. */
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

    /** Writes. A forced write is durable when answered, whatever the device can do itself. */
    void write(BlockOp.Write write, LegTask task) {
        startAsOwner(write, task);
    }

    /** Whether its forced writes need a flush, which then covers earlier writes, too. */
    boolean flushesToForce() {
        return calls.flushesToForce() && runtime.options().keeps(Rule.DOUBT_AFTER_FORCED_WRITES);
    }

    /** Writes an owner's mark, durably, even while it is not known who the owner is. */
    LegOp mark(BlockOp.Write write, LegTask task) {
        return start(calls.able(), new BlockOp.Write(write.sector(), write.from(), true), task);
    }

    /** Makes a range read as zeroes; {@code giveBack}: by a discard, which gives space back and is promised to leave zeroes. */
    void zero(boolean giveBack, long sector, long count, LegTask task) {
        startAsOwner(giveBack ? new BlockOp.Discard(sector, count) : new BlockOp.WriteZeroes(sector, count), task);
    }

    void flush(LegTask task) {
        start(calls.able(), new BlockOp.Flush(), task);
    }

    /** Whether a failure is not the leg's fault: the leg was not asked, as it is not known who owns it. */
    boolean isBlameless(DeviceException failure) {
        return ownership.caused(failure);
    }

    /** Takes the end of an operation, in the mailbox. */
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

    /** Calls back once nothing is in flight, or once the deadline has passed and an answer is still missing. */
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

    /** Ends the wait of everybody who waits for this leg, with an error; its operations stay in flight until they are answered. */
    void detachAll() {
        for (LegOp op = oldest; op != null; op = op.newer) {
            if (!op.detached) {
                op.detached = true;
                LegOp gone = op;
                runtime.tell(() -> gone.task.answered(gone, late("the leg was dropped meanwhile")));
            }
        }
    }

    /** The error for an operation that nobody waits for any more. */
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

    // While it is not known who the owner is, a change waits here. That does not count as the leg being slow.
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

    // One timer per leg, not per operation: it fires when the oldest is due, which was mostly answered long ago.
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
