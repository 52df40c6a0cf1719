package io.dmio.mirror;

import io.dmio.mirror.disk.Membership;

/**
 * Legs that take part and do not have the newest of what is on record, as the power went before they got it. At a start
 * they get it before anything newer goes to any leg: if the power went during that, and they had not got the newer
 * state either, they would be two behind, as only older copies are.
 *
 * @param records bit i: leg i has an older superblock
 * @param batches bit i: leg i has not seen the newest batch of the bitmap
 * @param newest what the newest superblock of a leg that takes part says
 */
record Behind(int records, int batches, Membership newest) {

    boolean hasOlderRecord(int leg) {
        return (records >> leg & 1) != 0;
    }

    boolean lacksBatch(int leg) {
        return (batches >> leg & 1) != 0;
    }

    /** Returns what is left once all have the newest superblock. */
    Behind withRecords() {
        return new Behind(0, batches, newest);
    }

    /** Returns what is left once all have the newest batch. */
    Behind withBatches() {
        return new Behind(records, 0, newest);
    }
}
