package io.dmio.mirror;

import java.util.BitSet;

/**
 * What goes on in each chunk: how many writes are in flight, whether it was written lately, and whether its dirty bit is
 * durable. The bits themselves are in {@link Planes}. Owned by the mailbox.
 */
final class ChunkTable {

    private final Planes planes;
    private final int chunkSectors;
    private final short[] writes;
    private final BitSet durable = new BitSet(); // dirty, and durably so
    private final BitSet touched = new BitSet(); // since the last look for idle chunks
    private final BitSet unflushed = new BitSet(); // touched since the last flush began
    private BitSet marks = new BitSet(); // dirty, and the next batch makes that durable
    private BitSet marksInBatch = new BitSet(); // dirty, and the batch on its way does

    ChunkTable(Planes planes, int chunkCount, int chunkSectors) {
        this.planes = planes;
        this.chunkSectors = chunkSectors;
        this.writes = new short[chunkCount];
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
     * @return whether all of them are durably dirty; else the next batch makes them so
     */
    boolean begin(int first, int last, int outMask) {
        boolean ready = true;
        for (int chunk = first; chunk <= last; chunk++) {
            writes[chunk]++;
            touch(chunk);
            if (!durable.get(chunk)) {
                ready = false;
                planes.set(Planes.DIRTY, chunk);
                marks.set(chunk);
            }
            if (outMask != 0) {
                markStale(chunk, outMask);
            }
        }
        return ready;
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

    private void touch(int chunk) {
        touched.set(chunk);
        unflushed.set(chunk);
    }

    private void markStale(int chunk, int outMask) {
        for (int leg = 0; leg < MirrorOptions.LEGS_MAX; leg++) {
            if ((outMask >> leg & 1) != 0) {
                planes.set(Planes.stale(leg), chunk);
            }
        }
    }
}
