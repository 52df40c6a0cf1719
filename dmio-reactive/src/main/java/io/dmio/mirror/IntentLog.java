package io.dmio.mirror;

import io.dmio.BlockOp;
import io.dmio.DeviceException;
import io.netty.buffer.ByteBuf;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Writes the bitmap, one batch at a time: whoever comes while one is written shares the next, so a hundred first writes cost
 * two batches. In a batch the stale planes go first and the dirty plane after them, as a chunk may lose its dirty bit only
 * when it is durable which legs lack it. Owned by the mailbox.
 */
final class IntentLog {

    private static final int UNITS_AT_ONCE_MAX = 64;

    private final Mirror mirror;
    private final Planes planes;
    private final ChunkTable chunks;
    private List<Consumer<@Nullable DeviceException>> waiting = new ArrayList<>();
    private @Nullable Batch batch; // on its way
    private boolean wanted;

    IntentLog(Mirror mirror, Planes planes, ChunkTable chunks) {
        this.mirror = mirror;
        this.planes = planes;
        this.chunks = chunks;
    }

    /** Tells when all bits as they are now are durable, or with what they could not be made so. */
    void await(Consumer<@Nullable DeviceException> told) {
        waiting.add(told);
        write();
    }

    /** Tells when the batch that is on its way is durable. */
    void awaitBatch(Consumer<@Nullable DeviceException> told) {
        Batch current = batch;
        if (current == null) {
            await(told);
        } else {
            current.told.add(told);
        }
    }

    /** Writes what changed, though nobody waits for it. */
    void write() {
        wanted = true;
        if (batch == null) {
            wanted = false;
            batch = new Batch();
            batch.next();
        }
    }

    /** Some neighbouring units of one plane, as they were when the batch began. */
    private record Run(int plane, int unit, ByteBuf bytes) {}

    private final class Batch {
        private final List<Consumer<@Nullable DeviceException>> told = waiting;
        private final BitSet units = planes.takeChanged();
        private final Deque<Run> runs = new ArrayDeque<>();
        private @Nullable DeviceException failure;

        Batch() {
            waiting = new ArrayList<>();
            chunks.batchBegins();
            int perPlane = planes.units();
            cut(perPlane, Planes.COUNT * perPlane);
            cut(0, perPlane);
        }

        void next() {
            Run run = failure == null ? runs.poll() : null;
            if (run != null) {
                new RunWrite(this, run).start();
            } else {
                ended();
            }
        }

        private void cut(int from, int to) {
            int perPlane = planes.units();
            for (int first = units.nextSetBit(from); first >= 0 && first < to; ) {
                int planeEnd = (first / perPlane + 1) * perPlane;
                int end = Math.min(Math.min(units.nextClearBit(first), planeEnd), first + UNITS_AT_ONCE_MAX);
                runs.add(run(first / perPlane, first % perPlane, end - first));
                first = units.nextSetBit(end);
            }
        }

        // All of a batch is of one moment: a dirty bit that is cleared while the stale planes are on their way must
        // not go before the stale bit that was set with it.
        private Run run(int plane, int unit, int count) {
            ByteBuf bytes = mirror.hold(count * LegLayout.SLOT_BYTES);
            for (int i = 0; i < count; i++) {
                planes.encode(plane, unit + i, bytes.slice(i * LegLayout.SLOT_BYTES, LegLayout.SLOT_BYTES));
            }
            return new Run(plane, unit, bytes);
        }

        private void ended() {
            runs.forEach(unwritten -> mirror.free(unwritten.bytes));
            batch = null;
            chunks.batchEnded(failure == null);
            if (failure != null) {
                planes.putBack(units);
            }
            DeviceException problem = failure;
            told.forEach(one -> mirror.tell(() -> one.accept(problem)));
            if (!waiting.isEmpty() || wanted) {
                write();
            }
        }
    }

    /** One run, to every leg that takes part or is about to. */
    private final class RunWrite extends LegFan {
        private final Batch batch;
        private final Run run;

        RunWrite(Batch batch, Run run) {
            super(IntentLog.this.mirror, Work.METADATA);
            this.batch = batch;
            this.run = run;
        }

        void start() {
            List<Leg> asked = mirror.roster().present().stream()
                    .filter(leg -> leg.life().getsBitmap())
                    .toList();
            asked.forEach(this::expect);
            for (Leg leg : asked) {
                leg.write(new BlockOp.Write(leg.layout.unitSector(run.plane, run.unit), run.bytes, true), this);
            }
            allAsked();
        }

        @Override
        void ended() {
            mirror.free(run.bytes);
            batch.failure = problem();
            batch.next();
        }
    }
}
