package io.dmio;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Cuts a sequence of buffers of any sizes into parts of one size without copying: a part is a composite of slices. Owns
 * what it was given; synchronized because a cancel closes it while a buffer is being added.
 */
final class Recut implements AutoCloseable {

    private final int partBytes;
    private final List<ByteBuf> open = new ArrayList<>(); // slices of the part that is not full yet
    private int openBytes;
    private long doneBytes;
    private boolean closed;

    Recut(int partBytes) {
        this.partBytes = partBytes;
    }

    /**
     * A part and its place in the sequence.
     *
     * @param from its first byte's place
     * @param bytes the part, owned by whoever has it
     * @param gone whether it was released
     */
    record Part(long from, ByteBuf bytes, AtomicBoolean gone) {
        Part(long from, ByteBuf bytes) {
            this(from, bytes, new AtomicBoolean());
        }

        long end() {
            return from + bytes.capacity();
        }

        /** Once: a cancel may find it in a queue and on its way. */
        void release() {
            if (gone.compareAndSet(false, true)) {
                bytes.release();
            }
        }
    }

    /** Takes a buffer's readable bytes; returns the parts that are full now, to be released by the caller. */
    synchronized List<Part> add(ByteBuf given) {
        List<Part> full = new ArrayList<>(1);
        while (!closed && given.isReadable()) {
            int length = Math.min(partBytes - openBytes, given.readableBytes());
            open.add(given.readRetainedSlice(length));
            openBytes += length;
            if (openBytes == partBytes) {
                full.add(take());
            }
        }
        given.release();
        return full;
    }

    /** How many bytes are left over when the parts are to be whole blocks. */
    synchronized int oddBytes(int blockBytes) {
        return openBytes % blockBytes;
    }

    /** Takes what is left, filled up with zeroes to a whole block; empty if nothing is left. */
    synchronized List<Part> last(int blockBytes) {
        int odd = openBytes % blockBytes;
        if (odd != 0) {
            open.add(Unpooled.wrappedBuffer(new byte[blockBytes - odd]));
        }
        return open.isEmpty() || closed ? List.of() : List.of(take());
    }

    /** Takes the whole blocks of what is left; the odd rest is dropped. */
    synchronized List<Part> lastWhole(int blockBytes) {
        int odd = openBytes % blockBytes;
        if (openBytes == odd || closed) {
            return List.of();
        }
        Part all = take();
        int whole = all.bytes().capacity() - odd;
        try {
            return List.of(new Part(all.from(), Views.retainedSlice(all.bytes(), 0, whole)));
        } finally {
            all.release();
        }
    }

    /** Releases what is not full, and whatever is added from now on. */
    @Override
    public synchronized void close() {
        closed = true;
        open.forEach(ByteBuf::release);
        open.clear();
    }

    private Part take() {
        Views.Joined joined = new Views.Joined(open.size());
        open.forEach(joined::add);
        Part part = new Part(doneBytes, joined.view());
        doneBytes += part.bytes().capacity();
        open.clear();
        openBytes = 0;
        return part;
    }
}
