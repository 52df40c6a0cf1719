package io.dmio.memory;

import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;

/** Aligns memory for direct I/O, which starts on a page. */
public final class Aligned {

    /** The size of a page of memory. */
    public static final int PAGE_BYTES = 4096;

    private Aligned() {}

    /** Returns the first bytes from a page boundary on, of direct memory that is a page longer. */
    public static ByteBuffer pages(ByteBuf whole, int bytes) {
        ByteBuffer view = Views.nio(whole, 0, whole.capacity());
        int past = view.alignmentOffset(0, PAGE_BYTES);
        return view.slice(past == 0 ? 0 : PAGE_BYTES - past, bytes);
    }
}
