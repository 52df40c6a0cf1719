package io.dmio.mirror;

import io.dmio.BlockDevice;
import io.dmio.BlockOp;
import io.dmio.Capability;
import io.dmio.DeviceCall;
import io.dmio.PagePool;
import io.dmio.Sectors;
import io.netty.buffer.ByteBuf;
import java.util.function.Function;
import reactor.core.publisher.Mono;

/** What is asked of a leg's device, and how it is done where the device cannot: forced writes by a flush, zeroes by writes. */
final class LegCalls {

    private final BlockDevice device;
    private final Function<BlockOp, Mono<Void>> change;
    private final boolean fua;
    private final boolean flush;

    /**
     * Calls to a device.
     *
     * @param change asks for a change of it, as its owner
     */
    LegCalls(BlockDevice device, Function<BlockOp, Mono<Void>> change) {
        this.device = device;
        this.change = change;
        this.fua = device.info().can(Capability.FUA);
        this.flush = device.info().can(Capability.FLUSH);
    }

    Mono<Void> read(long sector, ByteBuf into) {
        return DeviceCall.of(device, new BlockOp.Read(sector, into));
    }

    /** Durable when answered if it is forced. */
    Mono<Void> write(BlockOp.Write write) {
        return durable(write.fua(), change.apply(plain(write)));
    }

    /** Durable when answered, and not as the owner: an owner's mark. */
    Mono<Void> mark(BlockOp.Write write) {
        return durable(true, DeviceCall.of(device, plain(write)));
    }

    /** Makes a range read as zeroes, giving its space back where that is promised to do so. */
    Mono<Void> zero(boolean giveBack, long sector, long count) {
        if (giveBack && device.info().can(Capability.DISCARD) && device.info().can(Capability.DISCARD_ZEROES)) {
            return change.apply(new BlockOp.Discard(sector, count));
        }
        return device.info().can(Capability.WRITE_ZEROES)
                ? change.apply(new BlockOp.WriteZeroes(sector, count))
                : writeZeroes(sector, count);
    }

    Mono<Void> flush() {
        return flush ? DeviceCall.of(device, new BlockOp.Flush()) : Mono.empty();
    }

    private BlockOp.Write plain(BlockOp.Write write) {
        return write.fua() && !fua ? new BlockOp.Write(write.sector(), write.from(), false) : write;
    }

    private Mono<Void> durable(boolean forced, Mono<Void> write) {
        return forced && !fua ? write.then(flush()) : write;
    }

    private Mono<Void> writeZeroes(long sector, long count) {
        int block = device.info().logicalBlockBytes();
        int step = Math.min(device.info().transferBytesMax(), PagePool.ZERO_BYTES) / block * block / Sectors.BYTES;
        return Sectors.steps(count, step)
                .concatMap(from -> {
                    int bytes = (int) Sectors.toBytes(Math.min(step, count - from));
                    return change.apply(
                            new BlockOp.Write(sector + from, PagePool.zeroes().slice(0, bytes), false));
                })
                .then();
    }
}
