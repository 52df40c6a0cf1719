package io.dmio.app.copy;

import io.dmio.BlockDevice;
import io.dmio.BlockOp;
import io.dmio.DeviceException;
import io.dmio.DeviceInfo;
import io.dmio.Errno;
import io.dmio.Extent;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;
import reactor.core.publisher.Mono;

/**
 * A device whose failures somebody hears of, with their ranges, which error bits do not carry.
 *
 * @param device closed by its owner
 * @param failed called before the subscriber of the operation
 * @param full whether it is to be spared
 */
record WatchedDevice(BlockDevice device, BiConsumer<BlockOp, DeviceException> failed, BooleanSupplier full)
        implements BlockDevice {

    @Override
    public DeviceInfo info() {
        return device.info();
    }

    @Override
    public Mono<Void> submit(BlockOp op) {
        Mono<Void> answer = full.getAsBoolean()
                ? Mono.error(() -> DeviceException.of(Errno.ENOSPC, info().name(), op, "it is full already"))
                : device.submit(op);
        return answer.doOnError(DeviceException.class, why -> failed.accept(op, why));
    }

    @Override
    public Mono<Void> close() {
        return Mono.empty();
    }

    @Override
    public Mono<List<Extent>> extents(long sector, long sectorCount) {
        return device.extents(sector, sectorCount);
    }
}
