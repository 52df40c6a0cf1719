package io.dmio.app.metrics;

import io.dmio.BlockOp;
import io.dmio.Errno;
import io.dmio.Sectors;
import io.dmio.metrics.DeviceMeter;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.LongAccumulator;
import java.util.concurrent.atomic.LongAdder;

/** What one device did, step by step: told by the threads that do it, and summed up by one thread at the end of each step. */
final class IoTally implements DeviceMeter {

    private final Way reads = new Way();
    private final Way writes = new Way();
    private final LongAccumulator slowest = new LongAccumulator(Long::max, 0);
    private final Deque<IoSample> steps = new ArrayDeque<>(); // guarded by this; the oldest first

    /** Operations in one direction. */
    private static final class Way {
        private final LongAdder count = new LongAdder();
        private final LongAdder bytes = new LongAdder();
        private final LongAdder nanos = new LongAdder();

        void add(long moved, long took) {
            count.increment();
            bytes.add(moved);
            nanos.add(took);
        }

        IoSample.Way take() {
            return new IoSample.Way(count.sumThenReset(), bytes.sumThenReset(), nanos.sumThenReset());
        }
    }

    @Override
    public void started(BlockOp op) {}

    @Override
    public void ended(BlockOp op, long nanos, Optional<Errno> errno) {
        slowest.accumulate(nanos);
        if (errno.isPresent()) {
            return;
        }
        switch (op.kind()) {
            case READ -> reads.add(Sectors.toBytes(op.sectorCount()), nanos);
            case WRITE -> writes.add(Sectors.toBytes(op.sectorCount()), nanos);
            case FLUSH, DISCARD, WRITE_ZEROES -> {} // these move nothing; their time counts for the slowest
        }
    }

    @Override
    public void cancelled(BlockOp op, long nanos) {
        slowest.accumulate(nanos);
    }

    /** Ends a step. */
    synchronized void step(int kept) {
        steps.addLast(new IoSample(reads.take(), writes.take(), slowest.getThenReset()));
        while (steps.size() > kept) {
            steps.removeFirst();
        }
    }

    /** Returns the steps that are kept, the oldest first. */
    synchronized List<IoSample> steps() {
        return List.copyOf(steps);
    }
}
