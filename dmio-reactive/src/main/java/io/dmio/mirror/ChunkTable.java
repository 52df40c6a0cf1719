package io.dmio.mirror;

import io.dmio.mirror.disk.LegLayout;
import io.dmio.mirror.disk.Planes;
import java.util.BitSet;

/**
 * The state of each chunk: how many writes are in flight, whether it was written lately, and whether its dirty bit is
 * durable. The bits themselves are in {@link Planes}. Owned by the mailbox.
 */
final class ChunkTable {

    private static final int TRAIL_MIN = 3; // dirty chunks in a row

    private final Planes planes;
    private final int chunkSectors;
    private final int[] writes;
    private final int aheadMax;
    private final int around;
    private final BitSet durable = new BitSet(); // durably dirty
    private final BitSet touched = new BitSet(); // since the last look for idle chunks
    private final BitSet unflushed = new BitSet(); // touched since the last flush began
    private BitSet marks = new BitSet(); // dirty, and the next batch makes that durable
    private BitSet marksInBatch = new BitSet(); // dirty, and the batch on its way makes that durable

    /**
     * How many chunks are marked at the price of one.
     *
     * @param aheadMax the maximum ahead of a stream
     * @param around the size of the group that a first write marks, at least 1
     */
    record Marking(int aheadMax, int around) {}

    /** What a write has to wait for. */
    enum Mark {
        /** Nothing: all of its chunks are durably dirty. */
        DURABLE,
        /** The batch on its way. */
        IN_BATCH,
        /** The next batch. */
        NEXT_BATCH
    }

    /**
     * Creates a table with nothing in flight.
     *
     * @param marking how many chunks are marked before anybody writes there
     */
    ChunkTable(Planes planes, int chunkCount, int chunkSectors, Marking marking) {
        this.planes = planes;
        this.chunkSectors = chunkSectors;
        this.writes = new int[chunkCount];
        this.aheadMax = marking.aheadMax;
        this.around = marking.around;
    }

    int chunkOf(long sector) {
        return (int) (sector / chunkSectors);
    }

    int lastChunkOf(long sector, long count) {
        return (int) ((sector + count - 1) / chunkSectors);
    }

    /**
     * Begins a write to these chunks.
     *
     * @param first the first chunk
     * @param last the last chunk
     * @param outMask legs that will not get it
     * @return what the write has to wait for, until all of them are durably dirty
     */
    Mark begin(int first, int last, int outMask) {
        Mark mark = Mark.DURABLE;
        for (int chunk = first; chunk <= last; chunk++) {
            writes[chunk]++;
            touch(chunk);
            if (!durable.get(chunk)) {
                mark = mark(chunk, mark);
            }
            markStale(chunk, outMask);
        }
        return mark;
    }

    /**
     * Marks chunks that a stream of writes will reach, so that it need not wait there. A stream is known by its trail:
     * as many chunks as are dirty up to a write may be marked ahead of it. It is noted that legs that are out lack
     * these chunks, as a later write may wait for this batch only, and a leg may come in with that batch.
     *
     * @param last the chunk where a write ends
     * @param outMask legs that will not get it
     * @return whether the next batch has more to write
     */
    boolean markAhead(int last, int outMask) {
        int half = last + 1 + aheadMax / 2;
        if (aheadMax == 0 || half >= writes.length || planes.get(Planes.DIRTY, half)) {
            return false; // enough is marked, or the end is near; asked for each write, so it scans nothing
        }
        int trail = last - planes.clearBefore(Planes.DIRTY, last);
        int end = Math.min(last + Math.min(trail - 1, aheadMax), writes.length - 1);
        if (trail < TRAIL_MIN || planes.get(Planes.DIRTY, (last + 1 + end) / 2)) {
            return false;
        }
        markUnwritten(last + 1, end, outMask);
        return true;
    }

    /**
     * Marks the clean neighbours of chunks that the next batch marks, in groups that lie side by side. So a later write
     * to one of them need not wait for a batch of its own, which costs a disk more than copying the group after a
     * crash. Not called while a leg is out, as that leg would have to get all of them.
     *
     * @param first the first of those chunks
     * @param last the last of them
     */
    void markAround(int first, int last) {
        int end = Math.min(last / around * around + around, writes.length);
        markUnwritten(first / around * around, end - 1, 0);
    }

    /** Ends a write to these chunks. */
    void end(int first, int last) {
        for (int chunk = first; chunk <= last; chunk++) {
            writes[chunk]--;
            touch(chunk);
        }
    }

    boolean isBusy(int chunk) {
        return writes[chunk] != 0;
    }

    /** Whether anything was written since the last call of {@link #takeIdle}. */
    boolean isTouched() {
        return !touched.isEmpty();
    }

    /** Returns the dirty chunks that nobody wrote since the last call. */
    BitSet takeIdle() {
        BitSet idle = new BitSet();
        for (int chunk = planes.next(Planes.DIRTY, 0); chunk >= 0; chunk = planes.next(Planes.DIRTY, chunk + 1)) {
            if (!touched.get(chunk) && !isBusy(chunk)) {
                idle.set(chunk);
            }
        }
        touched.clear();
        return idle;
    }

    /** Begins a flush, which does not cover what is written from now on. */
    void flushBegins() {
        unflushed.clear();
    }

    /** Whether a flush that ended now covers every write to the chunk. */
    boolean isFlushed(int chunk) {
        return !isBusy(chunk) && !unflushed.get(chunk);
    }

    /** Makes a chunk clean: legs in sync are equal there, durably. */
    void clean(int chunk) {
        planes.clear(Planes.DIRTY, chunk);
        durable.clear(chunk);
        marks.clear(chunk);
        marksInBatch.clear(chunk);
    }

    /** Begins a batch that makes durable what is dirty now. */
    void batchBegins() {
        marksInBatch = marks;
        marks = new BitSet();
    }

    /** Ends the batch; if it failed, the next one makes its dirty bits durable. */
    void batchEnded(boolean written) {
        (written ? durable : marks).or(marksInBatch);
        marksInBatch = new BitSet();
    }

    private Mark mark(int chunk, Mark others) {
        planes.set(Planes.DIRTY, chunk);
        if (marksInBatch.get(chunk)) {
            return others == Mark.NEXT_BATCH ? others : Mark.IN_BATCH;
        }
        marks.set(chunk);
        return Mark.NEXT_BATCH;
    }

    private void markUnwritten(int first, int last, int outMask) {
        for (int chunk = first; chunk <= last; chunk++) {
            if (planes.set(Planes.DIRTY, chunk)) {
                touch(chunk);
                marks.set(chunk);
                markStale(chunk, outMask);
            }
        }
    }

    private void touch(int chunk) {
        touched.set(chunk);
        unflushed.set(chunk);
    }

    private void markStale(int chunk, int outMask) {
        for (int leg = 0; outMask != 0 && leg < LegLayout.LEGS_MAX; leg++) {
            if ((outMask >> leg & 1) != 0) {
                planes.set(Planes.stale(leg), chunk);
            }
        }
    }
}
