package io.dmio.mirror;

import io.dmio.BlockDevice;
import io.dmio.BlockOp;
import io.dmio.DeviceInfo;
import reactor.core.publisher.Mono;

/** A device that says something else of itself. */
record Described(BlockDevice device, DeviceInfo info) implements BlockDevice {

    static BlockDevice as(BlockDevice device, DeviceInfo info) {
        return new Described(device, info);
    }

    @Override
    public Mono<Void> submit(BlockOp op) {
        return device.submit(op);
    }

    @Override
    public Mono<Void> close() {
        return device.close();
    }
}
