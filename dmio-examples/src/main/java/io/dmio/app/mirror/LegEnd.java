package io.dmio.app.mirror;

import io.dmio.BlockDevice;
import io.dmio.BlockOp;
import io.dmio.DeviceCall;
import io.dmio.PagePool;
import io.dmio.Sectors;
import io.netty.buffer.ByteBuf;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** The last pages of a device, in which a leg says what it is. */
final class LegEnd {

    private static final int PAGES = 4; // two superblocks and a mark, in whole pages, wherever the end is
    private static final long PAGE_SECTORS = Sectors.PAGE_BYTES / Sectors.BYTES;

    private LegEnd() {}

    /** Overwrites these pages: whatever leg the device was, it is not one any more. */
    static Mono<Void> erase(BlockDevice device) {
        long end = device.info().sectorCount() / PAGE_SECTORS * PAGE_SECTORS;
        return Mono.using(
                () -> PagePool.shared().allocate(Sectors.PAGE_BYTES).setZero(0, Sectors.PAGE_BYTES),
                page -> Flux.range(1, (int) Math.min(PAGES, end / PAGE_SECTORS))
                        .concatMap(before ->
                                DeviceCall.of(device, new BlockOp.Write(end - before * PAGE_SECTORS, page, true)))
                        .then(),
                ByteBuf::release);
    }
}
