package io.dmio.bench.peers;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import one.jasyncfio.AsyncFile;
import one.jasyncfio.EventExecutor;
import one.jasyncfio.OpenOption;

/**
 * jasyncfio's {@code AsyncFile}, direct, on one ring with its defaults: a {@code CompletableFuture} for each leg. Two of its
 * traits decide how it is driven. Its plain direct reads and writes go to a polled ring, which tmpfs and disks without poll
 * queues refuse (EOPNOTSUPP), so they are vectors of one buffer. And it borrows an object for each operation from a small
 * pool, given back only after the callback: a callback that starts the next operation waits for itself, so the callback runs
 * on the common pool.
 */
final class JasyncfioPeer implements Peer {

    private final boolean read;
    private final EventExecutor ring = EventExecutor.initDefault();
    private final List<AsyncFile> files = new ArrayList<>();
    private final List<List<ByteBuffer>> views;

    JasyncfioPeer(Setting setting) {
        this.read = setting.work().read();
        this.views = setting.views();
        for (Path leg : setting.legs()) {
            files.add(AsyncFile.open(leg, ring, OpenOption.READ_WRITE, OpenOption.DIRECT)
                    .join());
        }
    }

    @Override
    @SuppressWarnings("FutureReturnValueIgnored") // the callback tells the request of success and failure
    public void start(Request request) {
        long place = request.place();
        List<ByteBuffer> ofLegs = views.get(request.block());
        for (int leg = 0; leg < files.size(); leg++) {
            ByteBuffer[] bytes = {ofLegs.get(leg).clear()};
            CompletableFuture<Integer> moved =
                    read ? files.get(leg).read(bytes, place, 1) : files.get(leg).write(bytes, place, 1);
            moved.whenCompleteAsync((count, cause) -> {
                if (cause != null) {
                    request.failed(cause);
                } else {
                    request.legEnded(count);
                }
            });
        }
    }

    @Override
    public void close() throws IOException {
        files.forEach(file -> file.close().join());
        try {
            ring.close();
        } catch (Exception failed) {
            throw new IOException(failed);
        }
    }
}
