package io.dmio.engine;

import io.dmio.PagePool;
import io.netty.buffer.ByteBuf;
import java.nio.ByteOrder;

/** Native memory that zeroes are written from where the device has no better way, and arguments of ioctls on ranges. */
final class ZeroPages {

    /** How many zeroes there are: the piece in which a long range is zeroed. */
    static final int BYTES = 1 << 20;

    private ZeroPages() {}

    /** The first zero; page-aligned, never freed, never written. Taken from the system at first use. */
    static long address() {
        return Holder.ZEROES.memoryAddress();
    }

    /** {@code uint64_t range[2]} of BLKDISCARD and BLKZEROOUT: first byte, byte count. Released by the caller. */
    static ByteBuf rangeOf(long offset, long bytes) {
        ByteBuf range = PagePool.shared().allocate(16);
        return ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN
                ? range.setLongLE(0, offset).setLongLE(8, bytes)
                : range.setLong(0, offset).setLong(8, bytes);
    }

    private static final class Holder {
        static final ByteBuf ZEROES = PagePool.shared().allocate(BYTES).setZero(0, BYTES);
    }
}
