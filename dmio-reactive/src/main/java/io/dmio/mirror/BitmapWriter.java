package io.dmio.mirror;

import io.dmio.BlockOp;
import io.dmio.DeviceException;
import io.dmio.Errno;
import io.dmio.mirror.disk.LegLayout;
import io.dmio.mirror.disk.LegMarks;
import io.dmio.mirror.disk.Planes;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Writes the bitmap, one batch at a time. All who come while a batch is being written share the next one, so a hundred
 * first writes cost two batches. A batch writes the stale planes first and then the dirty plane, as a chunk may lose
 * its dirty bit only when it is durable which legs lack it. Owned by the mailbox.
 */
final class BitmapWriter {

    private static final int UNITS_AT_ONCE_MAX = 64;

    private final Legs legs;
    private final MirrorRuntime runtime;
    private final Planes planes;
    private final ChunkTable chunks;
    private final Retry again;
    private List<Consumer<@Nullable DeviceException>> waiting = new ArrayList<>();
    private @Nullable Batch batch; // on its way
    private @Nullable Batch unfinished; // not on all legs that take part; to be repeated unchanged
    private boolean wanted;

    BitmapWriter(Legs legs, Planes planes, ChunkTable chunks) {
        this.legs = legs;
        this.runtime = legs.runtime();
        this.planes = planes;
        this.chunks = chunks;
        this.again = new Retry(runtime::afterPause, this::repeat);
    }

    /** Calls back with null once all bits are durable as they are now, or with the failure if they could not be written. */
    void await(Consumer<@Nullable DeviceException> told) {
        waiting.add(told);
        write();
    }

    /** Calls back in the same way for the batch that is on its way. */
    void awaitBatch(Consumer<@Nullable DeviceException> told) {
        Batch current = batch;
        if (current == null) {
            await(told);
        } else {
            current.told.add(told);
        }
    }

    /** Writes what changed, even if nobody waits for it. */
    void write() {
        wanted = true;
        if (batch == null) {
            wanted = false;
            Batch repeated = unfinished;
            unfinished = null;
            Batch next = repeated == null ? encoded() : repeated;
            if (next != null) {
                batch = next;
                next.start();
            }
        }
    }

    /** Ends the writer: gives up what could not be written. */
    void giveUp() {
        Batch never = unfinished;
        unfinished = null;
        if (never != null) {
            never.runs.forEach(run -> runtime.memory().free(run.bytes));
        }
    }

    private void repeat() {
        if (unfinished != null) {
            write();
        }
    }

    /** Returns the next batch; null if there is no memory for it, which all who wait are told. */
    private @Nullable Batch encoded() {
        Roster roster = legs.roster();
        boolean catchesUp = roster.behind().batches() != 0;
        if (catchesUp) {
            planes.repeatNewest();
        }
        BitSet units = planes.nextBatch(roster.holders());
        List<Run> runs = new ArrayList<>();
        try {
            int perPlane = planes.units();
            cut(units, perPlane, Planes.COUNT * perPlane, runs);
            cut(units, 0, perPlane, runs);
        } catch (OutOfMemoryError noMemory) {
            runs.forEach(run -> runtime.memory().free(run.bytes));
            planes.noBatch(units);
            fail(DeviceException.of(
                    Errno.ENOMEM, runtime.name(), "no memory for the bitmap: " + noMemory.getMessage()));
            return null;
        }
        boolean isWhole = planes.madeBatch(units) && !catchesUp;
        Batch next = new Batch(planes.batch(), runs, isWhole ? waiting : new ArrayList<>());
        waiting = isWhole ? new ArrayList<>() : waiting;
        next.hasMore = !isWhole;
        next.catchesUp = catchesUp;
        chunks.batchBegins();
        return next;
    }

    private void cut(BitSet units, int from, int to, List<Run> runs) {
        int perPlane = planes.units();
        int most = Math.min(UNITS_AT_ONCE_MAX, Math.max(1, runtime.transferSectors() / LegLayout.UNIT_SECTORS));
        for (int first = units.nextSetBit(from); first >= 0 && first < to; ) {
            int planeEnd = (first / perPlane + 1) * perPlane;
            int end = Math.min(Math.min(units.nextClearBit(first), planeEnd), first + most);
            runs.add(run(first / perPlane, first % perPlane, end - first));
            first = units.nextSetBit(end);
        }
    }

    // A batch shows all bits at one moment: if a dirty bit is cleared while the stale planes are on their way, that
    // must not become durable before the stale bit that was set with it.
    private Run run(int plane, int unit, int count) {
        ByteBuf bytes = runtime.memory().hold(count * LegLayout.SLOT_BYTES);
        for (int i = 0; i < count; i++) {
            planes.encode(plane, unit + i, bytes.slice(i * LegLayout.SLOT_BYTES, LegLayout.SLOT_BYTES));
        }
        return new Run(plane, unit, bytes);
    }

    private void fail(DeviceException problem) {
        List<Consumer<@Nullable DeviceException>> all = waiting;
        waiting = new ArrayList<>();
        wanted = false;
        all.forEach(one -> runtime.tell(() -> one.accept(problem)));
    }

    /** Neighbouring units of one plane, as they were when the batch began. */
    private record Run(int plane, int unit, ByteBuf bytes) {}

    /** A batch: the same bytes to every leg, as often as it takes, so that no two legs differ in what the batch was. */
    private final class Batch {
        private final long number;
        private final List<Run> runs;
        private final Map<Leg, Integer> joins = new HashMap<>(); // how often each leg had come in when it began
        private List<Consumer<@Nullable DeviceException>> told;
        private boolean hasMore; // more bits had to wait until this is durable
        private boolean isRepeated;
        private boolean catchesUp; // it is the newest batch again, for legs that do not have it
        private int at;
        private @Nullable DeviceException failure;

        Batch(long number, List<Run> runs, List<Consumer<@Nullable DeviceException>> told) {
            this.number = number;
            this.runs = runs;
            this.told = told;
            legs.roster().present().stream().filter(Leg::getsBitmap).forEach(leg -> joins.put(leg, leg.joins));
        }

        // A leg that has come in since lacks more than this batch says, so this batch must not mark it. It gets all of
        // the next.
        boolean isFor(Leg leg) {
            return leg.getsBitmap()
                    && Integer.valueOf(leg.joins).equals(joins.get(leg))
                    && (!catchesUp || legs.roster().behind().lacksBatch(leg.index));
        }

        void start() {
            at = 0;
            failure = null;
            next();
        }

        void next() {
            if (failure == null && at < runs.size()) {
                new RunWrite(this, runs.get(at++)).start();
            } else {
                ended();
            }
        }

        private void ended() {
            DeviceException problem = failure;
            boolean inVain = isRepeated;
            batch = null;
            chunks.batchEnded(problem == null);
            if (problem == null) {
                runs.forEach(run -> runtime.memory().free(run.bytes));
                if (catchesUp) {
                    legs.roster().is(legs.roster().behind().withBatches());
                    planes.changeAll();
                }
            } else {
                unfinished = this;
                isRepeated = true;
                again.later();
            }
            told.forEach(one -> runtime.tell(() -> one.accept(problem)));
            told = new ArrayList<>(); // those who come from now on wait for the next batch
            if (problem != null && inVain) {
                fail(problem);
            } else if (!waiting.isEmpty() || wanted || (problem == null && hasMore)) {
                write();
            }
        }
    }

    /** Writes one run to every leg that takes part or is about to. */
    private final class RunWrite extends LegFan {
        private final Batch batch;
        private final Run run;

        RunWrite(Batch batch, Run run) {
            super(legs, Work.METADATA);
            this.batch = batch;
            this.run = run;
        }

        void start() {
            List<Leg> asked = roster.present().stream().filter(batch::isFor).toList();
            asked.forEach(this::expect);
            for (Leg leg : asked) {
                leg.marks = isMark() ? leg.marks.sent(batch.number) : leg.marks;
                leg.write(new BlockOp.Write(leg.layout.unitSector(run.plane, run.unit), run.bytes, true), this);
            }
            allAsked();
        }

        @Override
        public void answered(LegOp op, @Nullable DeviceException problem) {
            if (problem == null && isMark()) {
                op.leg.marks = new LegMarks(batch.number, batch.number);
            }
            super.answered(op, problem);
        }

        /** Sets aside a leg that hangs while it catches up, if others have everything; it catches up when it is back. */
        @Override
        public void overdue(LegOp op) {
            super.overdue(op);
            if (batch.catchesUp) {
                failures.setAside(op.leg);
            }
        }

        private boolean isMark() {
            return run.plane == Planes.DIRTY && run.unit == 0;
        }

        @Override
        boolean flushes(Leg leg) {
            return leg.flushesToForce();
        }

        @Override
        void ended() {
            batch.failure = batch.catchesUp && kept() == 0 ? null : problem(); // a leg behind may fail and be dropped
            batch.next();
        }
    }
}
