package io.dmio.mirror;

import io.dmio.BlockDevice;
import io.dmio.BlockOp;
import io.dmio.Capability;
import io.dmio.DeviceCall;
import io.dmio.DeviceFallback;
import io.dmio.DeviceInfo;
import java.util.EnumSet;
import java.util.function.BiFunction;
import reactor.core.publisher.Mono;

/** Whom to ask for an operation of a leg: its device, or one that does otherwise what that cannot, forced writes by a flush, zeroes by writes. */
final class LegCalls {

    private final BlockDevice device;
    private final DeviceInfo its;
    private final BlockDevice able;
    private final BlockDevice asOwner;

    /**
     * Calls to a device.
     *
     * @param change asks a device for a change, as its owner; ends in one signal whatever the device does
     */
    LegCalls(BlockDevice device, BiFunction<BlockDevice, BlockOp, Mono<Void>> change) {
        this.device = device;
        this.its = device.info();
        this.able = DeviceFallback.inOrder(device);
        this.asOwner = DeviceFallback.inOrder(new Owned(its, able, change));
    }

    /** The device's name, as it was: one that broke may not tell it any more. */
    String name() {
        return its.name();
    }

    boolean flushesToForce() {
        return !its.can(Capability.FUA) && its.can(Capability.FLUSH);
    }

    /** For a read, a flush, or an owner's mark; a write is durable when answered if it is forced. */
    BlockDevice able() {
        return able;
    }

    /**
     * For a change, by who has just looked whether it is the owner's to make. A write that the device does as it is needs no other
     * look; what takes several operations looks before each.
     */
    BlockDevice asOwner(BlockOp op) {
        return op instanceof BlockOp.Write write && (!write.fua() || its.can(Capability.FUA)) ? device : asOwner;
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
