package io.dmio.examples;

import io.dmio.BlockDevice;
import io.dmio.BlockOp;
import io.dmio.ForwardingDevice;
import reactor.core.publisher.Mono;

/** Says that it flushed. */
final class Forgetful extends ForwardingDevice {

    Forgetful(BlockDevice disk) {
        super(disk);
    }

    @Override
    public Mono<Void> submit(BlockOp op) {
        return op.kind() == BlockOp.Kind.FLUSH ? Mono.empty() : super.submit(op);
    }
}
