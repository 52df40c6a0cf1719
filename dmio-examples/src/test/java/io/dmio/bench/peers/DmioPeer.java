package io.dmio.bench.peers;

import io.dmio.BlockDevice;
import io.dmio.DmIo;
import io.dmio.ErrorBits;
import io.dmio.IoRegion;
import io.dmio.Sectors;
import io.dmio.VmBuffer;
import io.dmio.engine.IoEngine;
import io.dmio.engine.OpenOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import reactor.core.publisher.Mono;

/**
 * dmio through its client: budget, error bits and merge included. One request is one {@code write} to all legs, or one
 * {@code read}.
 */
final class DmioPeer implements Peer {

    /** How the result is got. */
    enum Way {
        /** {@code subscribe}, told on the engine's thread. */
        TOLD,
        /** {@code toFuture().get()} on the calling thread. */
        AWAITED,
        /** {@code writeSync}. */
        SYNC
    }

    private final Workload work;
    private final Way way;
    private final DmIo io;
    private final List<BlockDevice> devices = new ArrayList<>();
    private final List<VmBuffer> blocks;

    DmioPeer(Setting setting, IoEngine engine, Way way) {
        this.work = setting.work();
        this.way = way;
        this.io = DmIo.create().get(work.depth() * work.blockBytes() / Sectors.PAGE_BYTES);
        this.blocks = setting.blocks().buffers().stream()
                .map(block -> VmBuffer.of(block.duplicate().clear()))
                .toList();
        OpenOptions direct = OpenOptions.readWrite().withDirect(true);
        setting.legs()
                .forEach(leg -> devices.add(
                        Objects.requireNonNull(engine.open(leg, direct).block())));
    }

    @Override
    public void start(Request request) {
        VmBuffer block = blocks.get(request.block());
        long sector = Sectors.ofBytes(request.place());
        long count = Sectors.ofBytes(work.blockBytes());
        List<IoRegion> regions = new ArrayList<>(devices.size());
        for (BlockDevice device : devices) {
            regions.add(new IoRegion(device, sector, count));
        }
        Mono<ErrorBits> service = work.read() ? io.read(regions.get(0), block) : io.write(regions, block);
        try {
            switch (way) {
                case TOLD -> service.subscribe(bits -> told(request, bits), request::failed);
                case AWAITED -> told(request, service.toFuture().get());
                case SYNC -> told(request, io.writeSync(regions, block));
            }
        } catch (InterruptedException | ExecutionException failed) {
            request.failed(failed);
        }
    }

    private static void told(Request request, ErrorBits bits) {
        if (bits.isClear()) {
            request.ended();
        } else {
            request.failed(new IllegalStateException(bits.toString()));
        }
    }

    @Override
    public void close() {
        io.close().block();
        devices.forEach(device -> device.close().block());
    }
}
