package io.dmio.nbd.server;

import io.dmio.BlockDevice;
import io.dmio.BlockOp;
import io.dmio.DeviceCall;
import io.dmio.DeviceFallback;
import io.dmio.DeviceInfo;
import io.dmio.PagePool;
import io.dmio.Sectors;
import io.dmio.concurrent.RangeLock;
import io.dmio.concurrent.TurnQueue;
import io.dmio.memory.Bytes;
import io.netty.buffer.ByteBuf;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Function;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Reads and writes bytes of any alignment and length on a device of blocks. A block that changes only in part is read, changed and written
 * back, so two changes of one block must not run at the same time: each change holds {@link #firstSector} to {@link #endSector} of its range
 * in {@link #locks}. All memory is borrowed until the Mono ends, whatever came of the parts.
 */
public final class ExportIo {

    private static final int PIECES_AT_ONCE = 8;

    private final BlockDevice device;
    private final BlockDevice able; // does everything that a client may ask for
    private final DeviceInfo info;
    private final int blockBytes;
    private final RangeLock locks = new RangeLock(new TurnQueue()); // over all connections

    ExportIo(BlockDevice device) {
        this.device = device;
        this.able = DeviceFallback.of(device);
        this.info = device.info();
        this.blockBytes = info.logicalBlockBytes();
    }

    DeviceInfo info() {
        return info;
    }

    BlockDevice device() {
        return device;
    }

    RangeLock locks() {
        return locks;
    }

    boolean isWholeBlocks(long offset, long bytes) {
        return ((offset | bytes) & (blockBytes - 1)) == 0;
    }

    /** Returns the first sector of the first block. */
    long firstSector(long offset) {
        return down(offset) / Sectors.BYTES;
    }

    /** Returns the sector after the last block. */
    long endSector(long offset, long bytes) {
        return up(offset + bytes) / Sectors.BYTES;
    }

    /** Returns how many of the bytes reach up to the end of their last whole block; 0 if they reach no block's end. */
    int wholeBlocks(long offset, int bytes) {
        return (int) Math.max(0, down(offset + bytes) - offset);
    }

    /** Returns the number of bytes up to the end of the block. */
    long toBlockEnd(long offset) {
        return up(offset + 1) - offset;
    }

    Mono<Void> read(long offset, ByteBuf into, int bytes) {
        if (isWholeBlocks(offset, bytes)) {
            return bytes <= info.transferBytesMax()
                    ? device.submit(
                            piece(offset, into, bytes, BlockOp.Read::new)) // the subscriber is ready for anything
                    : pieces(offset, into, bytes, BlockOp.Read::new);
        }
        long start = down(offset);
        int outer = (int) (up(offset + bytes) - start);
        return through(
                outer,
                blocks -> pieces(start, blocks, outer, BlockOp.Read::new)
                        .doOnSuccess(done -> Bytes.copy(blocks, (int) (offset - start), into, 0, bytes)));
    }

    Mono<Void> write(long offset, ByteBuf from, int bytes, boolean fua) {
        return isWholeBlocks(offset, bytes) ? writeBlocks(offset, from, bytes, fua) : change(offset, from, bytes, fua);
    }

    /**
     * Makes bytes read as zeroes.
     *
     * @param mayTrim whether their space may be given back
     */
    Mono<Void> zero(long offset, long bytes, boolean mayTrim, boolean fua) {
        if (bytes == 0) { // no lock is held for it, so no block may be written back
            return fua ? flush() : Mono.empty();
        }
        long start = up(offset);
        long end = down(offset + bytes);
        Mono<Void> all;
        if (start >= end) {
            all = change(offset, PagePool.zeroes(), (int) bytes, false);
        } else {
            all = Flux.concat(
                            start == offset
                                    ? Mono.empty()
                                    : change(offset, PagePool.zeroes(), (int) (start - offset), false),
                            zeroBlocks(start, end - start, mayTrim),
                            end == offset + bytes
                                    ? Mono.empty()
                                    : change(end, PagePool.zeroes(), (int) (offset + bytes - end), false))
                    .then();
        }
        return fua ? all.then(flush()) : all;
    }

    /** Gives back the space of whole blocks; for partial blocks the hint is ignored. */
    Mono<Void> trim(long offset, long bytes, boolean fua) {
        long start = up(offset);
        long end = down(offset + bytes);
        Mono<Void> all = start >= end
                ? Mono.empty()
                : DeviceCall.of(device, new BlockOp.Discard(start / Sectors.BYTES, (end - start) / Sectors.BYTES));
        return fua ? all.then(flush()) : all;
    }

    /** Flushes each device that may have been written, even if others fail. */
    public static Mono<Void> flushAll(List<Export> exports) {
        return Flux.fromIterable(exports)
                .filter(export -> !export.isReadOnly())
                .map(Export::device)
                .distinct()
                .concatMapDelayError(device -> new ExportIo(device).flush())
                .then();
    }

    Mono<Void> flush() {
        return ask(new BlockOp.Flush());
    }

    private Mono<Void> writeBlocks(long offset, ByteBuf from, int bytes, boolean fua) {
        return pieces(offset, from, bytes, (sector, part) -> new BlockOp.Write(sector, part, fua));
    }

    /** Reads the blocks at both ends, puts the bytes in place, and writes everything back. */
    private Mono<Void> change(long offset, ByteBuf from, int bytes, boolean fua) {
        long start = down(offset);
        int outer = (int) (up(offset + bytes) - start);
        return through(outer, blocks -> {
            Mono<Void> head = ask(new BlockOp.Read(start / Sectors.BYTES, blocks.slice(0, blockBytes)));
            int last = outer - blockBytes;
            Mono<Void> ends = last == 0
                    ? head
                    : head.then(ask(new BlockOp.Read((start + last) / Sectors.BYTES, blocks.slice(last, blockBytes))));
            return ends.then(Mono.defer(() -> {
                Bytes.copy(from, 0, blocks, (int) (offset - start), bytes);
                return writeBlocks(start, blocks, outer, fua);
            }));
        });
    }

    private Mono<Void> zeroBlocks(long offset, long bytes, boolean mayTrim) {
        long sector = offset / Sectors.BYTES;
        long count = bytes / Sectors.BYTES;
        return ask(mayTrim ? new BlockOp.Discard(sector, count) : new BlockOp.WriteZeroes(sector, count));
    }

    // Waits for all pieces, even after one has failed: before that nobody may change the range or the memory.
    private Mono<Void> pieces(long offset, ByteBuf memory, int bytes, BiFunction<Long, ByteBuf, BlockOp> op) {
        int piece = info.transferBytesMax();
        if (bytes <= piece) {
            return ask(piece(offset, memory, bytes, op));
        }
        return Sectors.steps(bytes, piece)
                .flatMapDelayError(
                        from -> {
                            int at = Math.toIntExact(from);
                            ByteBuf part = memory.slice(at, Math.min(piece, bytes - at));
                            return ask(op.apply((offset + at) / Sectors.BYTES, part));
                        },
                        PIECES_AT_ONCE,
                        PIECES_AT_ONCE)
                .then();
    }

    private static BlockOp piece(long offset, ByteBuf memory, int bytes, BiFunction<Long, ByteBuf, BlockOp> op) {
        return op.apply(offset / Sectors.BYTES, bytes == memory.capacity() ? memory : memory.slice(0, bytes));
    }

    // Operators would throw on what a device throws, or what counts as fatal, past those that wait for the rest.
    private Mono<Void> ask(BlockOp op) {
        return DeviceCall.of(able, op);
    }

    private static Mono<Void> through(int bytes, Function<ByteBuf, Mono<Void>> work) {
        return Mono.using(() -> PagePool.shared().allocateBounce(bytes), work, ByteBuf::release);
    }

    private long down(long offset) {
        return offset & -(long) blockBytes;
    }

    private long up(long offset) {
        return down(offset + blockBytes - 1);
    }
}
