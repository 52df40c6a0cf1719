package io.dmio.app.copy;

import io.dmio.DmIo;
import io.netty.buffer.ByteBuf;
import java.util.concurrent.atomic.AtomicLong;
import reactor.core.publisher.Flux;

/**
 * A source with something that happens on the way.
 *
 * @param source of the bytes
 * @param after how many bytes were taken when it happens
 * @param happening runs once
 */
record EventfulSource(ByteSource source, long after, Runnable happening) implements ByteSource {

    @Override
    public String name() {
        return source.name();
    }

    @Override
    public long bytes() {
        return source.bytes();
    }

    @Override
    public Flux<ByteBuf> chunks(DmIo client, int chunkBytes, int alignBytes) {
        AtomicLong taken = new AtomicLong();
        return source.chunks(client, chunkBytes, alignBytes).doOnNext(chunk -> {
            long before = taken.getAndAdd(chunk.readableBytes());
            if (before <= after && before + chunk.readableBytes() > after) {
                happening.run();
            }
        });
    }
}
