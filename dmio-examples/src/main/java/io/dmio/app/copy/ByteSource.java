package io.dmio.app.copy;

import io.dmio.DmIo;
import io.dmio.app.cli.ProgressBar;
import io.netty.buffer.ByteBuf;
import reactor.core.publisher.Flux;

/** The source of a copy's bytes. */
public interface ByteSource {

    /** Returns the name for messages. */
    String name();

    /** Returns the number of bytes, or {@link ProgressBar#UNKNOWN}. */
    long bytes();

    /**
     * Returns the bytes in order. Cold.
     *
     * @param client reads within its budget
     * @param chunkBytes the readable bytes of each buffer but the last; whole pages
     * @param alignBytes every buffer's capacity is a multiple of this, with zeroes behind the readable bytes
     * @return buffers, page-aligned; <b>the subscriber owns and releases each</b>
     */
    Flux<ByteBuf> chunks(DmIo client, int chunkBytes, int alignBytes);

    /**
     * Returns a source of the same bytes, with something that happens on the way.
     *
     * @param after how many bytes were taken when it happens
     * @param happening runs once, on the thread that brings the bytes
     */
    default ByteSource when(long after, Runnable happening) {
        return new EventfulSource(this, after, happening);
    }
}
