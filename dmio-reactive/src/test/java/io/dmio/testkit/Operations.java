package io.dmio.testkit;

import io.dmio.BlockOp;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

/** What devices of the kit ask of an operation. */
final class Operations {

    private Operations() {}

    /** The memory it brings, or empty memory. */
    static ByteBuf memoryOf(BlockOp op) {
        if (op instanceof BlockOp.Read read) {
            return read.into();
        }
        return op instanceof BlockOp.Write write ? write.from() : Unpooled.EMPTY_BUFFER;
    }
}
