package io.dmio.mirror;

import java.util.ArrayList;
import java.util.List;

/** Looks up runs of chunks in the same state; in the mailbox. */
final class ChunkRuns {

    /** At most so many at a time: the mailbox has others waiting. */
    static final int RUNS_MAX = 4096;

    private final Planes planes;
    private final int chunkSectors;
    private final int out;

    ChunkRuns(Planes planes, int chunkSectors, int outMask) {
        this.planes = planes;
        this.chunkSectors = chunkSectors;
        this.out = outMask;
    }

    List<ChunkRun> of(long sector, long sectorCount) {
        List<ChunkRun> runs = new ArrayList<>();
        long end = sector + sectorCount;
        for (long at = sector; at < end && runs.size() < RUNS_MAX; ) {
            int chunk = (int) (at / chunkSectors);
            long next = Math.min((long) planes.nextChange(chunk) * chunkSectors, end);
            boolean dirty = planes.get(Planes.DIRTY, chunk);
            runs.add(new ChunkRun(at, next - at, dirty, lackedBy(chunk, dirty)));
            at = next;
        }
        return runs;
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
