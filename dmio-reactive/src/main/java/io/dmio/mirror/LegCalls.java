package io.dmio.mirror;

import io.dmio.BlockDevice;
import io.dmio.BlockOp;
import io.dmio.DeviceCall;
import io.dmio.DeviceFallback;
import io.dmio.DeviceInfo;
import io.netty.buffer.ByteBuf;
import java.util.function.Function;
import reactor.core.publisher.Mono;

/** What is asked of a leg's device, which does otherwise what it cannot: forced writes by a flush, zeroes by writes. */
final class LegCalls {

    private final BlockDevice device;
    private final BlockDevice asOwner;

    /**
     * Calls to a device.
     *
     * @param change asks for a change of it, as its owner; ends in one signal whatever the device does
     */
    LegCalls(BlockDevice device, Function<BlockOp, Mono<Void>> change) {
        this.device = DeviceFallback.inOrder(device);
        this.asOwner = DeviceFallback.inOrder(new Owned(device, change));
    }

    Mono<Void> read(long sector, ByteBuf into) {
        return DeviceCall.of(device, new BlockOp.Read(sector, into));
    }

    /** Durable when answered if it is forced. */
    Mono<Void> write(BlockOp.Write write) {
        return asOwner.submit(write);
    }

    /** Durable when answered, and not as the owner: an owner's mark. */
    Mono<Void> mark(BlockOp.Write write) {
        return DeviceCall.of(device, new BlockOp.Write(write.sector(), write.from(), true));
    }

    /** Makes a range read as zeroes, giving its space back where that is promised to do so. */
    Mono<Void> zero(boolean giveBack, long sector, long count) {
        return asOwner.submit(giveBack ? new BlockOp.Discard(sector, count) : new BlockOp.WriteZeroes(sector, count));
    }

    Mono<Void> flush() {
        return DeviceCall.of(device, new BlockOp.Flush());
    }

    /** The device, with a look at the owner's mark before each operation that changes it. */
    private record Owned(BlockDevice device, Function<BlockOp, Mono<Void>> change) implements BlockDevice {

        @Override
        public DeviceInfo info() {
            return device.info();
        }

        @Override
        public Mono<Void> submit(BlockOp op) {
            return op.kind().changes() ? change.apply(op) : DeviceCall.of(device, op);
        }

        @Override
        public Mono<Void> close() {
            return device.close();
        }
    }
}
