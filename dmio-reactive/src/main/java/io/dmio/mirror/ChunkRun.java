package io.dmio.mirror;

/**
 * A run of sectors whose chunks are in the same state, at one moment.
 *
 * @param sector the first sector
 * @param sectorCount how many, at least 1
 * @param isDirty whether writes may be in flight there, so that legs may differ after a crash
 * @param isCopied whether the run is being copied to a leg that lacks it
 * @param lackedBy the legs that lack something of the run, as bits: 1 for leg 0, 2 for leg 1
 */
public record ChunkRun(long sector, long sectorCount, boolean isDirty, boolean isCopied, int lackedBy) {

    private static final int LEGS_SHIFT = 16;

    /**
     * Returns the state as one number of 32 bits, as the metadata context {@code dmio:chunks} gives it to NBD clients: bit 0 if
     * the run is dirty, bit 1 if it is being copied, bit 16 + i if leg i lacks something; 0 if all legs are equal and nothing
     * is in flight.
     *
     * @return the number
     */
    public int status() {
        return (isDirty ? 1 : 0) | (isCopied ? 2 : 0) | lackedBy << LEGS_SHIFT;
    }
}
