package io.dmio;

import io.dmio.concurrent.Custody;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * Cuts a sequence of buffers of any sizes into parts of one size, without copying large buffers. Owns what it was given, and the parts until
 * they are claimed. Synchronized because a cancel closes it while a buffer is being added, and because the clock asks for idle bytes while
 * the source gives more.
 */
final class Recut implements AutoCloseable {

    private final int partBytes;
    private final int blockBytes;
    private final long bytesMax;
    private final Custody<Part> parts = new Custody<>(Part::release);

    // guarded by this
    private final Gathered open;
    private long given;
    private long done;
    private boolean ended;

    /**
     * Creates an empty sequence.
     *
     * @param partBytes the length of a part: whole blocks
     * @param blockBytes the length of a block: what is cut before its part is full is whole blocks
     * @param bytesMax how many bytes are kept; those that come after that are only counted
     */
    Recut(int partBytes, int blockBytes, long bytesMax) {
        this.partBytes = partBytes;
        this.blockBytes = blockBytes;
        this.bytesMax = bytesMax;
        this.open = new Gathered(partBytes);
    }

    /** A part and its place in the sequence; equal to itself only. */
    static final class Part {
        private final long from;
        private final int length;
        private final int padding;
        private final ByteBuf bytes;

        private Part(long from, int length, int padding, ByteBuf bytes) {
            this.from = from;
            this.length = length;
            this.padding = padding;
            this.bytes = bytes;
        }

        /** Returns the place of its first byte. */
        long from() {
            return from;
        }

        /** Returns the number of bytes of the sequence that it has. */
        int length() {
            return length;
        }

        /** Returns the number of zeroes that follow these. */
        int padding() {
            return padding;
        }

        /** Returns the bytes and the zeroes, owned by the caller that claimed the part. */
        ByteBuf bytes() {
            return bytes;
        }

        void release() {
            bytes.release();
        }
    }

    /** Takes a buffer's readable bytes, and releases what is not needed of it. */
    Recut add(ByteBuf buffer) {
        try {
            keep(buffer);
        } finally {
            buffer.release();
        }
        return this;
    }

    private synchronized void keep(ByteBuf buffer) {
        if (ended) {
            return;
        }
        int readable = buffer.readableBytes();
        open.add(buffer, (int) Math.min(readable, Math.max(0, bytesMax - given)));
        given += readable;
    }

    /** Ends the sequence: what is added after that is not kept. */
    synchronized void end() {
        ended = true;
    }

    /** Returns the length of the sequence so far. */
    synchronized long given() {
        return given;
    }

    /** Returns whether all bytes that are kept have come, and perhaps more. */
    synchronized boolean isFull() {
        return given >= bytesMax;
    }

    /** Returns whether more has come than is kept. */
    synchronized boolean isOver() {
        return given > bytesMax;
    }

    /** Returns the next part that is full, or that ends where nothing more is kept; null if there is none yet. */
    synchronized @Nullable Part full() {
        return hasFull() ? cut((int) Math.min(open.bytes(), partBytes), 0) : null;
    }

    /** Returns whether there is such a part. */
    synchronized boolean hasFull() {
        return open.bytes() >= partBytes || (open.bytes() > 0 && given >= bytesMax);
    }

    /** Returns a part of the whole blocks that are here, however few; null if there is none. */
    synchronized @Nullable Part whole() {
        Part full = full();
        int bytes = (int) Math.min(open.bytes(), partBytes) / blockBytes * blockBytes;
        return full != null || bytes == 0 ? full : cut(bytes, 0);
    }

    /**
     * Returns what is left at the end, one part at a time; the last one may end inside a block. Null if nothing is left.
     *
     * @param pad whether to fill up the last block with zeroes
     */
    synchronized @Nullable Part last(boolean pad) {
        Part full = full();
        int bytes = (int) open.bytes();
        if (full != null || bytes == 0) {
            return full;
        }
        int padding = pad ? -bytes & (blockBytes - 1) : 0;
        open.addZeroes(padding);
        return cut(bytes, padding);
    }

    /** Hands a part over to be released by the caller; false if it is gone. */
    boolean claim(Part part) {
        return parts.take(part);
    }

    /** Releases the parts that were not claimed, and what is added from now on. */
    @Override
    public void close() {
        synchronized (this) {
            ended = true;
            open.clear();
        }
        parts.close();
    }

    private Part cut(int length, int padding) {
        long from = done;
        done += length;
        return parts.keep(new Part(from, length, padding, open.take(length + padding)));
    }
}
