package io.dmio.mirror;

import io.dmio.mirror.disk.LegLayout;
import io.dmio.mirror.disk.Planes;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/** Looks up runs of chunks in the same state; in the mailbox. */
final class ChunkRuns {

    /** The maximum number at a time, as others wait for the mailbox. */
    static final int RUNS_MAX = 4096;

    private final Planes planes;
    private final int chunkSectors;
    private final int out;
    private final BitSet copied;

    ChunkRuns(Planes planes, int chunkSectors, int outMask, BitSet copied) {
        this.planes = planes;
        this.chunkSectors = chunkSectors;
        this.out = outMask;
        this.copied = copied;
    }

    List<ChunkRun> of(long sector, long sectorCount) {
        List<ChunkRun> runs = new ArrayList<>();
        long end = sector + sectorCount;
        for (long at = sector; at < end && runs.size() < RUNS_MAX; ) {
            int chunk = (int) (at / chunkSectors);
            long next = Math.min((long) nextChange(chunk) * chunkSectors, end);
            boolean dirty = planes.get(Planes.DIRTY, chunk);
            runs.add(new ChunkRun(at, next - at, dirty, copied.get(chunk), lackedBy(chunk, dirty)));
            at = next;
        }
        return runs;
    }

    private int nextChange(int chunk) {
        int other = copied.get(chunk) ? copied.nextClearBit(chunk) : copied.nextSetBit(chunk);
        return other < 0 ? planes.nextChange(chunk) : Math.min(planes.nextChange(chunk), other);
    }

    // A leg that is out lacks what is being written, too.
    private int lackedBy(int chunk, boolean dirty) {
        int lacking = dirty ? out : 0;
        for (int leg = 0; leg < LegLayout.LEGS_MAX; leg++) {
            lacking |= planes.get(Planes.stale(leg), chunk) ? 1 << leg : 0;
        }
        return lacking;
    }
}
