package io.dmio;

import io.netty.buffer.ByteBuf;
import java.util.Objects;

/**
 * One piece of memory, as {@code struct bio_vec}.
 *
 * @param page the buffer it lies in; the caller keeps owning it
 * @param offset its first byte in {@code page}
 * @param length bytes; whole sectors, at least one
 */
public record BioVector(ByteBuf page, int offset, int length) {

    /**
     * Checks the numbers.
     *
     * @throws IllegalArgumentException if the length is not whole sectors or the piece is not inside the buffer
     */
    public BioVector {
        Objects.requireNonNull(page, "page");
        if (length <= 0 || length % Sectors.BYTES != 0) {
            throw new IllegalArgumentException("a vector of " + length + " bytes is not one or more whole sectors");
        }
        if (offset < 0 || offset > page.capacity() - length) {
            throw new IllegalArgumentException("bytes [" + offset + ", " + ((long) offset + length)
                    + ") are not inside a buffer of " + page.capacity());
        }
    }
}
