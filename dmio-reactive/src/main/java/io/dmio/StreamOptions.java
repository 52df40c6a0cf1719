package io.dmio;

import java.util.Objects;

/**
 * The options of a write of a stream of buffers.
 *
 * @param padLastBlock whether a stream that ends inside a block is filled up with zeroes, for each region to a block of its own
 *     device; otherwise it is refused after its whole blocks were written
 * @param write how each part is written
 */
public record StreamOptions(boolean padLastBlock, WriteOptions write) {

    /** Plain writes, whole blocks only. */
    public static final StreamOptions NONE = new StreamOptions(false, WriteOptions.NONE);

    /** Checks for nulls. */
    public StreamOptions {
        Objects.requireNonNull(write, "write");
    }

    /**
     * Returns these options with the last block filled up with zeroes.
     *
     * @return new options
     */
    public StreamOptions withPadding() {
        return new StreamOptions(true, write);
    }

    /**
     * Returns these options with other write options.
     *
     * @param options the options for each part
     * @return new options
     */
    public StreamOptions with(WriteOptions options) {
        return new StreamOptions(padLastBlock, Objects.requireNonNull(options, "options"));
    }
}
