package io.dmio.mirror;

import io.dmio.BlockDevice;
import io.dmio.BlockOp;
import io.dmio.Capability;
import io.dmio.DeviceCall;
import io.dmio.DeviceException;
import io.dmio.DeviceFallback;
import io.dmio.DeviceInfo;
import io.dmio.Errno;
import java.util.EnumSet;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * Chooses the device for a leg's operation: its own, or one with fallbacks for what that cannot do: forced writes by a flush, zeroes by writes.
 */
final class LegCalls {

    private final BlockDevice device;
    private final DeviceInfo its;
    private final BlockDevice able;
    private final BlockDevice asOwner;
    private boolean shut; // owned by the mailbox, as the next
    private @Nullable Object open; // the task that may ask all the same

    /**
     * Creates the calls to a device.
     *
     * @param change asks a device for a change, as its owner; ends in one signal whatever the device does
     */
    LegCalls(BlockDevice device, BiFunction<BlockDevice, BlockOp, Mono<Void>> change) {
        this.device = device;
        this.its = device.info();
        this.able = DeviceFallback.inOrder(device);
        this.asOwner = DeviceFallback.inOrder(new Owned(its, able, change));
    }

    /** Lets nobody ask the device from now on. */
    void shut() {
        shut = true;
        open = null;
    }

    /** Lets one task ask the device that is shut to all others. */
    void openTo(Object task) {
        open = task;
    }

    /** Lets everybody ask the device. */
    void open() {
        shut = false;
        open = null;
    }

    /** Returns why a task may not ask the device now; null if it may. */
    @Nullable
    DeviceException refusal(Object task) {
        return !shut || task.equals(open)
                ? null
                : DeviceException.of(
                        Errno.ESTALE,
                        name(),
                        "was lost, perhaps with what it had not flushed, and has to prove first that it is what it was");
    }

    /** The device's name, as it was: a device that broke may not tell it any more. */
    String name() {
        return its.name();
    }

    boolean flushesToForce() {
        return !its.can(Capability.FUA) && its.can(Capability.FLUSH);
    }

    /** Returns the device for a read, a flush, or an owner's mark; a forced write is durable when answered. */
    BlockDevice able() {
        return able;
    }

    /**
     * Returns the device for a change, for a caller that has just looked whether the change is the owner's to make. A write that the device does
     * as it is needs no other look; a change that takes several operations looks before each.
     */
    BlockDevice asOwner(BlockOp op) {
        return op instanceof BlockOp.Write write && (!write.fua() || its.can(Capability.FUA)) ? device : asOwner;
    }

    /**
     * The device, with a look at the owner's mark before each operation that changes it. A change that is done by
     * several operations looks before each of them, except before the flush of a forced write.
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
