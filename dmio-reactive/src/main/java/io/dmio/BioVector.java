package io.dmio;

import io.netty.buffer.ByteBuf;
import java.util.Objects;

/**
 * One contiguous piece of memory, the counterpart of {@code struct bio_vec}.
 *
 * @param page the buffer that contains the piece; the caller keeps owning it
 * @param offset the piece's first byte in {@code page}
 * @param length the length in bytes: whole sectors, at least one
 */
public record BioVector(ByteBuf page, int offset, int length) {

    /**
     * Checks the offset and the length.
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
