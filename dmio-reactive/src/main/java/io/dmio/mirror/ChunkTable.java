package io.dmio.mirror;

import io.dmio.mirror.disk.LegLayout;
import io.dmio.mirror.disk.Planes;
import java.util.BitSet;

/**
 * What goes on in each chunk: how many writes are in flight, whether it was written lately, and whether its dirty bit is
 * durable. The bits themselves are in {@link Planes}. Owned by the mailbox.
 */
final class ChunkTable {

    private static final int TRAIL_MIN = 3; // dirty chunks in a row

    private final Planes planes;
    private final int chunkSectors;
    private final int[] writes;
    private final int aheadMax;
    private final int around;
    private final BitSet durable = new BitSet(); // dirty, and durably so
    private final BitSet touched = new BitSet(); // since the last look for idle chunks
    private final BitSet unflushed = new BitSet(); // touched since the last flush began
    private BitSet marks = new BitSet(); // dirty, and the next batch makes that durable
    private BitSet marksInBatch = new BitSet(); // dirty, and the batch on its way does

    /**
     * Chunks that are marked at the price of one.
     *
     * @param aheadMax ahead of a stream, at most
     * @param around side by side with a first write, at least 1
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
     * A table where nothing is in flight.
     *
     * @param marking how many chunks are marked though nobody writes there yet
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
     * A write to these chunks begins.
     *
     * @param first the first
     * @param last the last
     * @param outMask legs that will not get it
     * @return when all of them are durably dirty
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
     * Marks what a stream of writes will reach, so that it need not wait there. A stream is known by its trail: as many
     * chunks as are dirty up to a write may be marked ahead of it. Legs that are out are noted as lacking them, as the write
     * that comes may wait for this batch only, and a leg may come in with it.
     *
     * @param last where a write ends
     * @param outMask legs that will not get it
     * @return whether the next batch has more to write
     */
    boolean markAhead(int last, int outMask) {
        int half = last + 1 + aheadMax / 2;
        if (aheadMax == 0 || half >= writes.length || planes.get(Planes.DIRTY, half)) {
            return false; // enough is marked, or it is near the end: looked at for each write, so no scan
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
     * Marks the clean neighbours of chunks that the next batch marks, in groups that lie side by side: a write that comes to one of them
     * later need not wait for a batch of its own, which costs a disk more than the group's being copied after a crash. Not while a
     * leg is out, which would have to get all of them.
     *
     * @param first the first of those chunks
     * @param last the last of them
     */
    void markAround(int first, int last) {
        int end = Math.min(last / around * around + around, writes.length);
        markUnwritten(first / around * around, end - 1, 0);
    }

    /** A write to these chunks has ended. */
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

    /** Dirty chunks that nobody wrote since the last call. */
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

    /** A flush begins: what is written from now on is not in it. */
    void flushBegins() {
        unflushed.clear();
    }

    /** Whether a flush that ended now covers every write to the chunk. */
    boolean isFlushed(int chunk) {
        return !isBusy(chunk) && !unflushed.get(chunk);
    }

    /** The chunk is clean: legs in sync are equal there, durably. */
    void clean(int chunk) {
        planes.clear(Planes.DIRTY, chunk);
        durable.clear(chunk);
        marks.clear(chunk);
        marksInBatch.clear(chunk);
    }

    /** A batch begins that makes durable what is dirty now. */
    void batchBegins() {
        marksInBatch = marks;
        marks = new BitSet();
    }

    /** It has ended; if it failed, the next one makes these durable. */
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
