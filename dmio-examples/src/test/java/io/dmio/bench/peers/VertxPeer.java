package io.dmio.bench.peers;

import io.netty.buffer.Unpooled;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.file.AsyncFile;
import io.vertx.core.file.OpenOptions;
import io.vertx.core.internal.buffer.BufferInternal;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Vert.x's {@code AsyncFile}, from one of its contexts, with a handler for each leg: an {@code AsynchronousFileChannel} on the
 * worker pool. Its options know no direct I/O, so it goes through the page cache: on a disk that is not the same work.
 * Buffers for reading are its own: reads copy.
 */
final class VertxPeer implements Peer {

    private final boolean read;
    private final int blockBytes;
    private final Vertx vertx = Vertx.vertx();
    private final List<AsyncFile> files = new ArrayList<>();
    private final List<List<Buffer>> buffers;
    private final List<ByteBuffer> blocks;

    VertxPeer(Setting setting) {
        this.read = setting.work().read();
        this.blockBytes = setting.work().blockBytes();
        this.blocks = setting.blocks().buffers();
        this.buffers = setting.views().stream().map(VertxPeer::ofLegs).toList();
        OpenOptions options = new OpenOptions().setCreate(false);
        for (Path leg : setting.legs()) {
            files.add(vertx.fileSystem().open(leg.toString(), options).await());
        }
    }

    private static List<Buffer> ofLegs(List<ByteBuffer> views) {
        return views.stream()
                .<Buffer>map(view -> BufferInternal.buffer(Unpooled.wrappedBuffer(view)))
                .toList();
    }

    @Override
    public void start(Request request) {
        long place = request.place();
        int block = request.block();
        for (int leg = 0; leg < files.size(); leg++) {
            if (read) {
                files.get(leg)
                        .read(Buffer.buffer(blockBytes), 0, place, blockBytes)
                        .onSuccess(bytes -> {
                            blocks.get(block).clear().put(bytes.getBytes());
                            request.legEnded(bytes.length());
                        })
                        .onFailure(request::failed);
            } else {
                files.get(leg)
                        .write(buffers.get(block).get(leg), place)
                        .onSuccess(ended -> request.legEnded(blockBytes))
                        .onFailure(request::failed);
            }
        }
    }

    @Override
    public void close() {
        Future.all(files.stream().map(AsyncFile::close).toList()).await();
        vertx.close().await();
    }
}
