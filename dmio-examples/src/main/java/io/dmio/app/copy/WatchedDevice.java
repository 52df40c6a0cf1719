package io.dmio.app.copy;

import io.dmio.BlockDevice;
import io.dmio.BlockOp;
import io.dmio.DeviceException;
import io.dmio.Errno;
import io.dmio.ForwardingDevice;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;
import reactor.core.publisher.Mono;

/** A device that reports its failures with their ranges, which error bits do not carry. Its owner closes it. */
final class WatchedDevice extends ForwardingDevice {

    private final BiConsumer<BlockOp, DeviceException> failed;
    private final BooleanSupplier full;

    /**
     * Wraps a device.
     *
     * @param failed called before the subscriber of the operation
     * @param full whether operations fail at once, to spare a device that is full
     */
    WatchedDevice(BlockDevice device, BiConsumer<BlockOp, DeviceException> failed, BooleanSupplier full) {
        super(device);
        this.failed = failed;
        this.full = full;
    }

    @Override
    public Mono<Void> submit(BlockOp op) {
        Mono<Void> answer = full.getAsBoolean()
                ? Mono.error(() -> DeviceException.of(Errno.ENOSPC, info().name(), op, "it is full already"))
                : super.submit(op);
        return answer.doOnError(DeviceException.class, why -> failed.accept(op, why));
    }

    @Override
    public Mono<Void> close() {
        return Mono.empty();
    }
}
