package io.dmio.mirror;

import io.dmio.BlockDevice;
import io.dmio.BlockOp;
import io.dmio.Capability;
import io.dmio.DeviceException;
import io.dmio.DeviceInfo;
import io.dmio.Errno;
import io.dmio.device.MemoryDevice;
import java.util.EnumSet;
import java.util.function.Predicate;
import reactor.core.publisher.Mono;

/** A leg with a cache that it loses when it is told to: from then on it fails operations, until it is well. */
final class ForgetfulLeg implements BlockDevice {
    private final MemoryDevice disk;
    private byte[] durable;
    Predicate<BlockOp> fails = op -> false;
    boolean losesAtFlush;
    boolean canForce = true;

    ForgetfulLeg(MemoryDevice disk) {
        this.disk = disk;
        this.durable = disk.snapshot(0, (int) MirrorFixture.DATA);
    }

    @Override
    public DeviceInfo info() {
        EnumSet<Capability> can = EnumSet.copyOf(disk.info().capabilities());
        can.removeIf(one -> one == Capability.FUA && !canForce);
        return disk.info().withCapabilities(can);
    }

    @Override
    public Mono<Void> submit(BlockOp op) {
        return Mono.defer(() -> {
            boolean flush = op.kind() == BlockOp.Kind.FLUSH;
            if (flush && losesAtFlush) {
                losesAtFlush = false;
                disk.load(0, durable);
                return Mono.error(DeviceException.of(Errno.EIO, disk.info().name(), op, "lost"));
            }
            if (fails.test(op)) {
                return Mono.error(DeviceException.of(Errno.EIO, disk.info().name(), op, "ill"));
            }
            durable = flush ? disk.snapshot(0, (int) MirrorFixture.DATA) : durable;
            return disk.submit(op);
        });
    }

    @Override
    public Mono<Void> close() {
        return Mono.empty();
    }
}
