package io.dmio.app.copy;

import io.dmio.DmIo;
import io.dmio.PagePool;
import io.dmio.app.cli.ProgressBar;
import io.dmio.app.cli.Sizes;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.io.InputStream;
import reactor.core.publisher.Flux;
import reactor.core.publisher.SynchronousSink;
import reactor.core.scheduler.Schedulers;

/**
 * Standard input or a pipe, read on a thread that may block. Can be read only once: a stream has no second reading.
 *
 * @param name for messages
 * @param in the bytes; not closed here
 */
record StreamSource(String name, InputStream in) implements ByteSource {

    @Override
    public long bytes() {
        return ProgressBar.UNKNOWN;
    }

    @Override
    public Flux<ByteBuf> chunks(DmIo client, int chunkBytes, int alignBytes) {
        int capacity = (int) Sizes.roundUp(chunkBytes, alignBytes);
        return Flux.<ByteBuf>generate(sink -> next(sink, chunkBytes, capacity))
                .subscribeOn(Schedulers.boundedElastic());
    }

    private void next(SynchronousSink<ByteBuf> sink, int chunkBytes, int capacity) {
        ByteBuf chunk = PagePool.shared().allocate(capacity);
        boolean handedOver = false;
        try {
            int read = 0;
            int more = 0;
            while (read < chunkBytes && more >= 0) {
                more = chunk.setBytes(read, in, chunkBytes - read);
                read += Math.max(more, 0);
            }
            if (read == 0) {
                sink.complete();
            } else {
                chunk.setZero(read, capacity - read).setIndex(0, read);
                handedOver = true;
                sink.next(chunk);
            }
        } catch (IOException failed) {
            sink.error(failed);
        } finally {
            if (!handedOver) {
                chunk.release();
            }
        }
    }
}
