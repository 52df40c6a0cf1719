package io.dmio.bench.peers;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;

/**
 * One way to do file I/O in Java, on files it opened. All are driven by the same {@link Drive}: it starts {@code depth}
 * requests, and the thread that ends one starts the next.
 */
interface Peer extends AutoCloseable {

    /**
     * Moves the request's block to or from every leg at {@link Request#place()}, and tells the request of each leg's end,
     * {@link Request#legEnded} or {@link Request#failed}, from any thread. A peer that blocks does it all in here.
     */
    void start(Request request);

    @Override
    void close() throws IOException;

    /** What to open: the same memory and the same legs for every peer. */
    record Setting(Workload work, List<Path> legs, Blocks blocks) {

        /** A view of every block for every leg, made once: a view has a position, which two legs cannot share. */
        List<List<ByteBuffer>> views() {
            return blocks.buffers().stream()
                    .map(buffer -> legs.stream().map(leg -> buffer.duplicate()).toList())
                    .toList();
        }
    }

    /** Opens one. */
    interface Opener {
        Peer open(Setting setting) throws IOException;
    }
}
