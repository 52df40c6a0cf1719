package io.dmio.engine;

import io.dmio.PagePool;
import io.netty.buffer.ByteBuf;
import java.nio.ByteOrder;

/** The argument of ioctls on ranges. */
final class RangeArgument {

    private RangeArgument() {}

    /** Returns the {@code uint64_t range[2]} of BLKDISCARD and BLKZEROOUT: first byte, byte count. The caller releases it. */
    static ByteBuf of(long offset, long bytes) {
        ByteBuf range = PagePool.shared().allocate(16);
        return ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN
                ? range.setLongLE(0, offset).setLongLE(8, bytes)
                : range.setLong(0, offset).setLong(8, bytes);
    }
}
