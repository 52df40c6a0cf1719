package io.dmio.device;

import io.dmio.BlockOp;
import io.dmio.PagePool;
import io.dmio.Sectors;
import io.dmio.memory.Bytes;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

/** Makes slightly different copies of an operation. Buffers are shared, not retained. */
final class Edit {

    private Edit() {}

    /** Returns the memory that the operation borrows; an empty buffer if there is none. */
    static ByteBuf memoryOf(BlockOp op) {
        return switch (op.kind()) {
            case READ -> ((BlockOp.Read) op).into();
            case WRITE -> ((BlockOp.Write) op).from();
            case FLUSH, DISCARD, WRITE_ZEROES -> Unpooled.EMPTY_BUFFER;
        };
    }

    /** Returns the operation on only its first sectors. */
    static BlockOp cut(BlockOp op, long sectors) {
        ByteBuf memory = memoryOf(op);
        return of(
                op, op.sector(), sectors, memory.slice(0, (int) Math.min(memory.capacity(), Sectors.toBytes(sectors))));
    }

    /** Returns the operation at another sector. */
    static BlockOp moved(BlockOp op, long sector) {
        return of(op, sector, op.sectorCount(), memoryOf(op));
    }

    /** Copies the bytes to memory of their own; the caller releases it. */
    static ByteBuf copy(ByteBuf memory) {
        int bytes = memory.capacity();
        ByteBuf copy = PagePool.shared().allocate(bytes);
        Bytes.copy(memory, 0, copy, 0, bytes);
        return copy;
    }

    private static BlockOp of(BlockOp op, long sector, long count, ByteBuf memory) {
        return switch (op.kind()) {
            case READ -> new BlockOp.Read(sector, memory);
            case WRITE -> new BlockOp.Write(sector, memory, ((BlockOp.Write) op).fua());
            case FLUSH -> op;
            case DISCARD -> new BlockOp.Discard(sector, count);
            case WRITE_ZEROES -> new BlockOp.WriteZeroes(sector, count);
        };
    }
}
