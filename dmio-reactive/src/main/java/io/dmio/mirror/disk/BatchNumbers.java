package io.dmio.mirror.disk;

/**
 * The numbers of batches, and of the sectors that they changed. The later a sector was changed, the higher its number, so of several legs'
 * copies of a sector the one with the highest number is the newest. The first sector of plane 0 is in each batch, and its number is the batch's
 * own: the mark. A batch that the power ended before any leg had its mark leaves higher numbers than that in other sectors, and was none: the
 * next batch has its number, as no leg may seem to be two batches behind that is not.
 */
final class BatchNumbers {

    private final long[][] sectors = new long[Planes.COUNT][]; // 0: never read or written
    private long batch; // the newest whose mark was read, or that was begun
    private long highest; // the highest number of any sector
    private long batchBefore; // batch, before the newest was begun
    private long highestBefore;
    private boolean repeats; // the next batch is to have the number of the newest

    BatchNumbers(int sectorsPerPlane) {
        for (int plane = 0; plane < sectors.length; plane++) {
            sectors[plane] = new long[sectorsPerPlane];
        }
    }

    /** The number of the newest batch. */
    long batch() {
        return batch;
    }

    /** The number of a sector; 0 if it has none. */
    long of(int plane, int sector) {
        return sectors[plane][sector];
    }

    /** Lets the next batch be the newest once more, with what has changed since. */
    void repeatNewest() {
        repeats = true;
    }

    /** Begins the next batch. */
    void begin() {
        batchBefore = batch;
        highestBefore = highest;
        if (!repeats) {
            batch = (batch == 0 ? highest : batch)
                    + 1; // where no mark could be read, beyond all that there may have been
        }
        highest = Math.max(highest + 1, batch);
        repeats = false;
    }

    /** Undoes the beginning of a batch: the next one has its number. */
    void undo() {
        batch = batchBefore;
        highest = highestBefore;
    }

    /** Numbers a sector, as the newest batch changes it. */
    void change(int plane, int sector) {
        sectors[plane][sector] = isMark(plane, sector) ? batch : highest;
    }

    /** Takes over the number that was read of a sector, if it is newer; returns whether it is. */
    boolean isNewer(int plane, int sector, long read) {
        boolean newer = read > sectors[plane][sector];
        if (newer) {
            sectors[plane][sector] = read;
            batch = isMark(plane, sector) ? read : batch;
            highest = Math.max(highest, read);
        }
        return newer;
    }

    /** Takes over the numbers of fewer sectors. */
    void set(BatchNumbers fewer) {
        batch = fewer.batch;
        highest = fewer.highest;
        for (int plane = 0; plane < sectors.length; plane++) {
            System.arraycopy(fewer.sectors[plane], 0, sectors[plane], 0, fewer.sectors[plane].length);
        }
    }

    private static boolean isMark(int plane, int sector) {
        return plane == Planes.DIRTY && sector == 0;
    }
}
