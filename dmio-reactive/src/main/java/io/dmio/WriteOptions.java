package io.dmio;

/**
 * The options of a write. Combine them from {@link #NONE}: {@code WriteOptions.NONE.withFua()}.
 *
 * @param fua each region is durable when the Mono ends (REQ_FUA); a device without force unit access is flushed instead
 * @param preflush each device is flushed before any byte is written (REQ_PREFLUSH); regions of zero sectors are flushed too,
 *     and a region whose flush failed is not written
 * @param stableCopy the bytes are copied once before they go to the regions, so that memory changed while in flight cannot make
 *     regions differ
 */
public record WriteOptions(boolean fua, boolean preflush, boolean stableCopy) {

    /** A plain write. */
    public static final WriteOptions NONE = new WriteOptions(false, false, false);

    /**
     * Returns these options with {@code fua}: the write is durable when it ends.
     *
     * @return new options
     */
    public WriteOptions withFua() {
        return new WriteOptions(true, preflush, stableCopy);
    }

    /**
     * Returns these options with {@code preflush}: the write comes after a flush.
     *
     * @return new options
     */
    public WriteOptions withPreflush() {
        return new WriteOptions(fua, true, stableCopy);
    }

    /**
     * Returns these options with {@code stableCopy}: the write is from a copy.
     *
     * @return new options
     */
    public WriteOptions withStableCopy() {
        return new WriteOptions(fua, preflush, true);
    }
}
