package io.dmio.harness;

import io.dmio.BlockDevice;
import io.dmio.BlockOp;
import io.dmio.DeviceInfo;
import io.dmio.device.MemoryDevice;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import reactor.core.publisher.Mono;

/**
 * A disk with a volatile cache: a write is durable once a flush that came after its answer has ended, or at once with force
 * unit access. Records the order in which writes became durable, as dm-log-writes does: W1 W2 W3 answered 3 2, flush,
 * answered 1 gives W3 W2 flush W1.
 */
public final class PowerCutDisk implements BlockDevice {

    private final MemoryDevice cache;
    private final MemoryDevice medium;
    private final List<BlockOp.Write> answered = new ArrayList<>(); // not durable yet; buffers are copies
    private final List<String> log = new ArrayList<>();

    public PowerCutDisk(String name, long sectors) {
        cache = MemoryDevice.of(name, sectors);
        medium = MemoryDevice.of(name, sectors);
    }

    @Override
    public DeviceInfo info() {
        return cache.info();
    }

    @Override
    public Mono<Void> submit(BlockOp op) {
        return cache.submit(op).doOnSuccess(done -> answered(op));
    }

    @Override
    public Mono<Void> close() {
        return cache.close().then(medium.close());
    }

    /** What is durable now, in the order it became so: {@code write 8}, {@code flush}. */
    public synchronized List<String> log() {
        return List.copyOf(log);
    }

    /** The sectors as they are after the power came back. */
    public synchronized byte[] afterPowerCut(long sector, int count) {
        return medium.snapshot(sector, count);
    }

    private synchronized void answered(BlockOp op) {
        if (op instanceof BlockOp.Write write) {
            ByteBuf copy = Unpooled.copiedBuffer(new byte[write.from().capacity()]);
            write.from().getBytes(0, copy, 0, copy.capacity());
            BlockOp.Write kept = new BlockOp.Write(write.sector(), copy, write.fua());
            if (write.fua()) {
                harden(kept);
            } else {
                answered.add(kept);
            }
        } else if (op instanceof BlockOp.Flush) {
            answered.forEach(this::harden);
            answered.clear();
            log.add("flush");
        }
    }

    private void harden(BlockOp.Write write) {
        medium.submit(write).block();
        log.add("write " + write.sector());
    }
}
