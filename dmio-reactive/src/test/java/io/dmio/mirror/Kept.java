package io.dmio.mirror;

import io.dmio.BlockDevice;
import io.dmio.ForwardingDevice;
import reactor.core.publisher.Mono;

/** A disk that outlives the mirrors that close it. */
final class Kept extends ForwardingDevice {

    Kept(BlockDevice disk) {
        super(disk);
    }

    @Override
    public Mono<Void> close() {
        return Mono.empty();
    }
}
