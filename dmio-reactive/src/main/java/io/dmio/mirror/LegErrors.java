package io.dmio.mirror;

/**
 * Counts of what went wrong on one leg since the mirror started.
 *
 * @param reads reads that failed, and were served by another leg
 * @param writes writes, discards and zeroes that failed
 * @param flushes flushes that failed
 * @param syncs copies to the leg that failed
 * @param metadata reads and writes of the mirror's own data that failed
 * @param slow answers that did not come in time
 * @param healed bad reads that were written again with good data
 */
public record LegErrors(long reads, long writes, long flushes, long syncs, long metadata, long slow, long healed) {

    /** The counts of a leg on which nothing went wrong. */
    public static final LegErrors NONE = new LegErrors(0, 0, 0, 0, 0, 0, 0);

    /**
     * Returns whether anything went wrong.
     *
     * @return true if so
     */
    public boolean any() {
        return reads + writes + flushes + syncs + metadata + slow > 0;
    }
}
