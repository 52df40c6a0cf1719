package io.dmio.device;

import io.dmio.BlockDevice;
import io.dmio.BlockOp;
import io.dmio.Bytes;
import io.dmio.PagePool;
import io.dmio.Sectors;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import reactor.core.publisher.Mono;

/** The same operation, a little different. Buffers are shared, not retained. */
final class Edit {

    private Edit() {}

    /** The memory the operation borrows; an empty buffer if none. */
    static ByteBuf memoryOf(BlockOp op) {
        return switch (op.kind()) {
            case READ -> ((BlockOp.Read) op).into();
            case WRITE -> ((BlockOp.Write) op).from();
            case FLUSH, DISCARD, WRITE_ZEROES -> Unpooled.EMPTY_BUFFER;
        };
    }

    /** Only its first sectors. */
    static BlockOp cut(BlockOp op, long sectors) {
        ByteBuf memory = memoryOf(op);
        return of(
                op, op.sector(), sectors, memory.slice(0, (int) Math.min(memory.capacity(), Sectors.toBytes(sectors))));
    }

    /** Elsewhere on a device of that size; where it was if elsewhere is not on the device. */
    static BlockOp moved(BlockOp op, long bySectors, long sectorCount) {
        long sector = op.sector() + bySectors;
        boolean outside = sector < 0 || sector > sectorCount - op.sectorCount();
        return outside ? op : of(op, sector, op.sectorCount(), memoryOf(op));
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

    private static ByteBuf copied(ByteBuf from, int bytes) {
        ByteBuf copy = PagePool.shared().allocate(bytes);
        Bytes.copy(from, 0, copy, 0, bytes);
        return copy;
    }

    /** The operation, with a byte of its memory changed on its way; the caller's own stays as it is when writing. */
    static Mono<Void> corrupted(BlockDevice next, BlockOp op, Verdict.Act.Corrupt corrupt) {
        int at = corrupt.byteIndex();
        if (op instanceof BlockOp.Read read && at < read.into().capacity()) {
            ByteBuf into = read.into();
            return next.submit(op).doOnSuccess(done -> into.setByte(at, corrupt.apply(into.getByte(at))));
        }
        if (op instanceof BlockOp.Write write && at < write.from().capacity()) {
            int bytes = write.from().capacity();
            return Mono.using(
                    () -> copied(write.from(), bytes),
                    copy -> next.submit(new BlockOp.Write(
                            write.sector(), copy.setByte(at, corrupt.apply(copy.getByte(at))), write.fua())),
                    ByteBuf::release);
        }
        return next.submit(op);
    }
}
