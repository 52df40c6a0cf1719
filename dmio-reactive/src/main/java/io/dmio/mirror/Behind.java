package io.dmio.mirror;

/**
 * Legs that take part and have not got the newest of what is on record, as the power went before they did. At a start they get the next before
 * the others do: if the power went then, and they had not got that either, they would be two behind, as only older copies are.
 *
 * @param records bit i: leg i has an older superblock
 * @param batches bit i: leg i has not seen the newest batch of the bitmap
 */
record Behind(int records, int batches) {

    /** Nobody is. */
    static final Behind NONE = new Behind(0, 0);

    boolean hasOlderRecord(int leg) {
        return (records >> leg & 1) != 0;
    }

    boolean lacksBatch(int leg) {
        return (batches >> leg & 1) != 0;
    }
}
