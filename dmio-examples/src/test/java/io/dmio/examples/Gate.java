package io.dmio.examples;

import io.dmio.BlockDevice;
import io.dmio.BlockOp;
import io.dmio.ForwardingDevice;
import java.util.concurrent.atomic.AtomicInteger;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/** Flushes when it is opened. */
final class Gate extends ForwardingDevice {
    final AtomicInteger flushes = new AtomicInteger();
    Sinks.Empty<Void> opened = Sinks.empty();

    Gate(BlockDevice disk) {
        super(disk);
        opened.tryEmitEmpty();
    }

    @Override
    public Mono<Void> submit(BlockOp op) {
        return op.kind() == BlockOp.Kind.FLUSH
                ? opened.asMono().then(super.submit(op)).doOnSubscribe(asked -> flushes.incrementAndGet())
                : super.submit(op);
    }
}
