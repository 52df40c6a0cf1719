package io.dmio.proving;

import io.dmio.BlockDevice;
import io.dmio.BlockOp;
import io.dmio.DeviceInfo;
import io.dmio.Extent;
import io.dmio.ForwardingDevice;
import java.util.List;
import reactor.core.publisher.Mono;

/** A part of a device as a device. Closing it closes the whole. */
final class Partition extends ForwardingDevice {

    private final long first;
    private final DeviceInfo info;

    Partition(BlockDevice whole, long first, long sectorCount) {
        super(whole);
        DeviceInfo has = whole.info();
        this.first = first;
        this.info = DeviceInfo.of(has.name() + "[" + first + "]", sectorCount, has.engine())
                .withBlocks(has.logicalBlockBytes(), has.physicalBlockBytes())
                .withTransferBytesMax(has.transferBytesMax())
                .withMemoryAlignmentBytes(has.memoryAlignmentBytes())
                .withCapabilities(has.capabilities());
    }

    @Override
    public DeviceInfo info() {
        return info;
    }

    @Override
    public Mono<Void> submit(BlockOp op) {
        return Mono.defer(() -> info.refusal(op).map(Mono::<Void>error).orElseGet(() -> behind().submit(shifted(op))));
    }

    @Override
    public Mono<List<Extent>> extents(long sector, long sectorCount) {
        return Mono.defer(() -> info.extentsRefusal(sector, sectorCount)
                .map(Mono::<List<Extent>>error)
                .orElseGet(() -> behind().extents(first + sector, sectorCount).map(this::mine)));
    }

    private BlockOp shifted(BlockOp op) {
        long sector = first + op.sector();
        return switch (op.kind()) {
            case READ -> new BlockOp.Read(sector, ((BlockOp.Read) op).into());
            case WRITE -> new BlockOp.Write(sector, ((BlockOp.Write) op).from(), ((BlockOp.Write) op).fua());
            case DISCARD -> new BlockOp.Discard(sector, op.sectorCount());
            case WRITE_ZEROES -> new BlockOp.WriteZeroes(sector, op.sectorCount());
            case FLUSH -> op;
        };
    }

    private List<Extent> mine(List<Extent> ofWhole) {
        return ofWhole.stream()
                .map(extent -> new Extent(extent.sector() - first, extent.sectorCount(), extent.kind()))
                .toList();
    }
}
