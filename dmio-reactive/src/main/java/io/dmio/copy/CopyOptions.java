package io.dmio.copy;

import java.util.Objects;

/**
 * The options of a copy. Combine them from {@link #NONE}: {@code CopyOptions.NONE.withGoOnAfterError().withFlush()}.
 *
 * @param goOnAfterError whether the rest is copied even after an error; a piece that cannot be read is then read again in
 *     halves, so that only the bad blocks are left out. What could not be read is never written, not even as zeroes
 * @param ascending whether each destination is written strictly in order: the next write is submitted when the one before was
 *     answered (DM_KCOPYD_WRITE_SEQ)
 * @param sparse what happens to zeroes in the source
 * @param flush whether the destinations are flushed at the end; one that cannot be flushed sets its bit
 */
public record CopyOptions(boolean goOnAfterError, boolean ascending, Sparse sparse, boolean flush) {

    /** Stop at the first error, write in any order, write every byte, do not flush. */
    public static final CopyOptions NONE = new CopyOptions(false, false, Sparse.NONE, false);

    /**
     * What happens to ranges of zeroes, which are looked for in steps of a page or of the largest block. Except with
     * {@link #NONE}, what the source's device knows to be a hole or zeroes is not read.
     */
    public enum Sparse {
        /** Zeroes are written as any other bytes. */
        NONE,
        /** Zeroes are left out: for destinations that read as zeroes already, such as a new file. */
        SKIP,
        /**
         * Zeroes are made without being sent, where a device can: by a discard if the device promises zeroes after it, which
         * frees space, otherwise by write-zeroes. Elsewhere they are written.
         */
        PUNCH
    }

    /** Checks for nulls. */
    public CopyOptions {
        Objects.requireNonNull(sparse, "sparse");
    }

    /**
     * Returns these options, going on after errors.
     *
     * @return new options
     */
    public CopyOptions withGoOnAfterError() {
        return new CopyOptions(true, ascending, sparse, flush);
    }

    /**
     * Returns these options, writing in order.
     *
     * @return new options
     */
    public CopyOptions withAscending() {
        return new CopyOptions(goOnAfterError, true, sparse, flush);
    }

    /**
     * Returns these options with another way to treat zeroes.
     *
     * @param zeroes what happens to zeroes
     * @return new options
     */
    public CopyOptions with(Sparse zeroes) {
        return new CopyOptions(goOnAfterError, ascending, Objects.requireNonNull(zeroes, "zeroes"), flush);
    }

    /**
     * Returns these options with a flush: the copy is durable when it ends.
     *
     * @return new options
     */
    public CopyOptions withFlush() {
        return new CopyOptions(goOnAfterError, ascending, sparse, true);
    }
}
