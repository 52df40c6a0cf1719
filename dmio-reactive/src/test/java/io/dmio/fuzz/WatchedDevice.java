package io.dmio.fuzz;

import io.dmio.BlockDevice;
import io.dmio.BlockOp;
import io.dmio.DeviceInfo;
import io.netty.buffer.ByteBuf;
import java.util.function.Consumer;
import reactor.core.publisher.Mono;

/** A device that refuses to be asked what no device must be asked, and tells of what failed. */
final class WatchedDevice implements BlockDevice {

    private final BlockDevice next;
    private final DeviceInfo info;
    private final Consumer<BlockOp> asked;
    private final Consumer<BlockOp> failed;

    WatchedDevice(BlockDevice next, Consumer<BlockOp> asked, Consumer<BlockOp> failed) {
        this.next = next;
        this.info = next.info();
        this.asked = asked;
        this.failed = failed;
    }

    @Override
    public DeviceInfo info() {
        return info;
    }

    @Override
    public Mono<Void> submit(BlockOp op) {
        check(op);
        asked.accept(op);
        try {
            return next.submit(op).doOnError(failure -> failed.accept(op));
        } catch (RuntimeException thrown) {
            failed.accept(op);
            throw thrown;
        }
    }

    private void check(BlockOp op) {
        if (info.refusal(op).isPresent()) {
            World.fault(
                    "a device was asked what it refuses: " + info.refusal(op).get());
        }
        if (op instanceof BlockOp.Read read) {
            check(read.into());
        } else if (op instanceof BlockOp.Write write) {
            check(write.from());
        } else if (op.kind() != BlockOp.Kind.FLUSH && op.sectorCount() == 0) {
            World.fault("a device was asked for nothing: " + op);
        }
    }

    private static void check(ByteBuf memory) {
        if (memory.refCnt() < 1 || memory.capacity() == 0) {
            World.fault("a device was given " + memory);
        }
    }

    @Override
    public Mono<Void> close() {
        return next.close();
    }
}
