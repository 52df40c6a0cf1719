package io.dmio.mirror;

import io.dmio.BlockDevice;
import io.dmio.BlockOp;
import io.dmio.Capability;
import io.dmio.DeviceCall;
import io.dmio.DeviceFallback;
import io.dmio.DeviceInfo;
import io.netty.buffer.ByteBuf;
import java.util.EnumSet;
import java.util.function.BiFunction;
import reactor.core.publisher.Mono;

/** What is asked of a leg's device, which does otherwise what it cannot: forced writes by a flush, zeroes by writes. */
final class LegCalls {

    private final DeviceInfo its;
    private final BlockDevice able;
    private final BlockDevice asOwner;

    /**
     * Calls to a device.
     *
     * @param change asks a device for a change, as its owner; ends in one signal whatever the device does
     */
    LegCalls(BlockDevice device, BiFunction<BlockDevice, BlockOp, Mono<Void>> change) {
        this.its = device.info();
        this.able = DeviceFallback.inOrder(device);
        this.asOwner = DeviceFallback.inOrder(new Owned(its, able, change));
    }

    boolean flushesToForce() {
        return !its.can(Capability.FUA) && its.can(Capability.FLUSH);
    }

    Mono<Void> read(long sector, ByteBuf into) {
        return DeviceCall.of(able, new BlockOp.Read(sector, into));
    }

    /** Durable when answered if it is forced. */
    Mono<Void> write(BlockOp.Write write) {
        return asOwner.submit(write);
    }

    /** Durable when answered, and not as the owner: an owner's mark. */
    Mono<Void> mark(BlockOp.Write write) {
        return DeviceCall.of(able, new BlockOp.Write(write.sector(), write.from(), true));
    }

    /** Makes a range read as zeroes, giving its space back where that is promised to do so. */
    Mono<Void> zero(boolean giveBack, long sector, long count) {
        return asOwner.submit(giveBack ? new BlockOp.Discard(sector, count) : new BlockOp.WriteZeroes(sector, count));
    }

    Mono<Void> flush() {
        return DeviceCall.of(able, new BlockOp.Flush());
    }

    /**
     * The device, with a look at the owner's mark before each operation that changes it: before each piece of one that is done by
     * several, but for the flush of a forced write.
     */
    private record Owned(DeviceInfo its, BlockDevice able, BiFunction<BlockDevice, BlockOp, Mono<Void>> change)
            implements BlockDevice {

        @Override
        public DeviceInfo info() {
            EnumSet<Capability> can = EnumSet.of(Capability.FUA);
            can.addAll(its.capabilities());
            return its.withCapabilities(can);
        }

        @Override
        public Mono<Void> submit(BlockOp op) {
            return op.kind().changes() ? change.apply(able, op) : DeviceCall.of(able, op);
        }

        @Override
        public Mono<Void> close() {
            return able.close();
        }
    }
}
