package io.dmio;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;

/** Views of buffers that keep them alive and keep their parts visible, so that an engine can pass each to the kernel. */
final class Views {

    private Views() {}

    /**
     * A part of a buffer; the caller releases it. The whole is the buffer itself, whose indexes nobody moves; a slice of a
     * composite would hide its parts and be copied, so it is taken apart.
     */
    static ByteBuf retainedSlice(ByteBuf buffer, int from, int bytes) {
        if (from == 0 && bytes == buffer.capacity()) {
            return buffer.retain();
        }
        if (!(buffer instanceof CompositeByteBuf parts)) {
            return buffer.retainedSlice(from, bytes);
        }
        ByteBuf[] slices = parts.decompose(from, bytes).toArray(ByteBuf[]::new);
        for (ByteBuf slice : slices) {
            slice.retain();
        }
        return join(slices);
    }

    /**
     * One buffer over retained parts, each used from 0 to its capacity. {@code Unpooled.wrappedBuffer} would look at
     * readable bytes, find none in a fresh page, and release it: so indexes are set first, on views of our own.
     */
    static ByteBuf join(ByteBuf[] parts) {
        if (parts.length == 1) {
            return parts[0];
        }
        for (int i = 0; i < parts.length; i++) {
            parts[i] = parts[i].duplicate().setIndex(0, parts[i].capacity());
        }
        return new CompositeByteBuf(UnpooledByteBufAllocator.DEFAULT, true, parts.length, parts);
    }
}
