package io.dmio.nbd;

import io.dmio.BlockDevice;
import io.dmio.BlockOp;
import io.dmio.DeviceException;
import io.dmio.DeviceInfo;
import io.dmio.Errno;
import io.dmio.Extent;
import io.dmio.Sectors;
import io.dmio.memory.Bytes;
import io.netty.buffer.ByteBuf;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import reactor.core.publisher.Mono;

/**
 * The whole of an export whose size is no multiple of a block, as a device that ends with a block. The bytes after the export's
 * last are padding: they read as zeroes, and only zeroes can be written there, as they go nowhere. Otherwise a write fails with
 * ENOSPC, and leaves the block as it was. An {@link NbdDevice} itself ends with the last whole block.
 *
 * <p>Shares the connections of that device; closing either closes both.
 */
public final class NbdPaddedDevice implements BlockDevice {

    private final NbdDevice whole;
    private final DeviceInfo info;
    private final long wholeSectors;
    private final int oddBytes;

    NbdPaddedDevice(NbdDevice whole) {
        DeviceInfo there = whole.info();
        int block = there.logicalBlockBytes();
        this.whole = whole;
        this.wholeSectors = there.sectorCount();
        this.oddBytes = (int) (whole.bytes() - there.bytes());
        long sectors = oddBytes == 0 ? wholeSectors : wholeSectors + block / Sectors.BYTES;
        this.info = new DeviceInfo(
                there.name(),
                sectors,
                block,
                there.physicalBlockBytes(),
                there.transferBytesMax(),
                there.memoryAlignmentBytes(),
                there.capabilities(),
                there.engine());
    }

    /**
     * Returns the length of the export.
     *
     * @return the bytes, without the padding
     */
    public long bytes() {
        return whole.bytes();
    }

    /**
     * Returns the description of the whole blocks.
     *
     * @return as the {@link NbdDevice} gives it
     */
    public DeviceInfo unpadded() {
        return whole.info();
    }

    @Override
    public DeviceInfo info() {
        return info;
    }

    @Override
    public Mono<Void> submit(BlockOp op) {
        Objects.requireNonNull(op, "op");
        return Mono.defer(() -> {
            Optional<RuntimeException> refusal = info.refusal(op).map(RuntimeException.class::cast);
            if (refusal.isPresent()) {
                return Mono.error(refusal.get());
            }
            long end = op.sector() + op.sectorCount();
            return op.kind() == BlockOp.Kind.FLUSH || end <= wholeSectors ? whole.submit(op) : parted(op);
        });
    }

    @Override
    public Mono<List<Extent>> extents(long sector, long sectorCount) {
        long before = wholeSectors - sector;
        return before > 0 && info.extentsRefusal(sector, sectorCount).isEmpty()
                ? whole.extents(sector, Math.min(sectorCount, before))
                : BlockDevice.super.extents(sector, sectorCount);
    }

    @Override
    public void pin() {
        whole.pin();
    }

    @Override
    public Mono<Void> close() {
        return whole.close();
    }

    @Override
    public String toString() {
        return "NbdPaddedDevice[" + whole.uri() + "]";
    }

    /** Of a range that reaches into the last block: what is before it, then that. */
    private Mono<Void> parted(BlockOp op) {
        long before = wholeSectors - op.sector();
        int at = (int) Sectors.toBytes(Math.max(0, before));
        Mono<Void> end = switch (op.kind()) {
            case READ -> read(((BlockOp.Read) op).into(), at);
            case WRITE -> {
                BlockOp.Write write = (BlockOp.Write) op;
                yield isPadded(write.from(), at)
                        ? whole.odd(BlockOp.Kind.WRITE, part(write.from(), at, oddBytes))
                                .then(write.fua() ? whole.submit(new BlockOp.Flush()) : Mono.empty())
                        : Mono.error(DeviceException.of(
                                Errno.ENOSPC, info.name(), op, "the export ends at byte " + bytes()));
            }
            case WRITE_ZEROES -> whole.odd(BlockOp.Kind.WRITE_ZEROES, null);
            case DISCARD, FLUSH -> Mono.empty(); // a hint, of which nothing is left for so few bytes
        };
        return before <= 0 ? end : whole.submit(head(op, before)).then(end);
    }

    private Mono<Void> read(ByteBuf into, int at) {
        return whole.odd(BlockOp.Kind.READ, part(into, at, oddBytes))
                .doFirst(() -> Bytes.zero(into, at, info.logicalBlockBytes()));
    }

    private boolean isPadded(ByteBuf from, int at) {
        for (int i = at + oddBytes; i < at + info.logicalBlockBytes(); i++) {
            if (from.getByte(i) != 0) {
                return false;
            }
        }
        return true;
    }

    private static BlockOp head(BlockOp op, long sectors) {
        int bytes = (int) Math.min(Sectors.toBytes(sectors), Integer.MAX_VALUE);
        return switch (op.kind()) {
            case READ -> new BlockOp.Read(op.sector(), part(((BlockOp.Read) op).into(), 0, bytes));
            case WRITE -> {
                BlockOp.Write write = (BlockOp.Write) op;
                yield new BlockOp.Write(op.sector(), part(write.from(), 0, bytes), write.fua());
            }
            case WRITE_ZEROES -> new BlockOp.WriteZeroes(op.sector(), sectors);
            case DISCARD -> new BlockOp.Discard(op.sector(), sectors);
            case FLUSH -> op;
        };
    }

    private static ByteBuf part(ByteBuf of, int at, int bytes) {
        return of.slice(at, bytes);
    }
}
