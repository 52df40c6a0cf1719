package io.dmio;

import io.dmio.memory.Bytes;
import io.dmio.memory.Views;
import io.netty.buffer.ByteBuf;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * A sequence of bytes that lie in many buffers. Large buffers are kept and shared; those whose contiguous pieces are smaller than a page are
 * copied together, as each costs more to keep than it holds, and the sender decides how many there are. Not safe for concurrent use.
 */
final class Gathered {

    /** The size of the memory that is taken at once to copy into. */
    static final int CHUNK_BYTES = 16 * Sectors.PAGE_BYTES;

    private final Deque<Piece> pieces = new ArrayDeque<>();
    private final int chunkBytes;
    private @Nullable Chunk chunk;
    private long bytes;

    /**
     * Creates an empty sequence.
     *
     * @param bytesMax about how many bytes will be here at once: no larger chunks are taken
     */
    Gathered(int bytesMax) {
        this.chunkBytes = (int) Math.min(CHUNK_BYTES, Sectors.pagesOf(bytesMax) * Sectors.PAGE_BYTES);
    }

    /** A range of a buffer, of which this holds one reference. */
    private record Piece(ByteBuf buffer, int from, int length, boolean copied) {}

    /** Memory that small buffers are copied into, while engines read what was copied before. */
    private static final class Chunk {
        private final ByteBuf buffer;
        private final int length;
        private int used;

        Chunk(int length) {
            this.buffer = PagePool.shared().allocate(length);
            this.length = length;
        }

        /** Continues at the next sector: memory that starts there counts as aligned. */
        void align() {
            used += -used & (Sectors.BYTES - 1);
        }
    }

    /** Returns the number of bytes here. */
    long bytes() {
        return bytes;
    }

    /** Appends a buffer's first readable bytes; the caller keeps its own reference. */
    void add(ByteBuf from, int length) {
        int contiguous = Math.max(1, from.nioBufferCount());
        if (length / contiguous < Sectors.PAGE_BYTES) {
            copy(from, length);
        } else {
            append(new Piece(from.retain(), from.readerIndex(), length, false));
        }
    }

    /** Appends zeroes. */
    void addZeroes(int length) {
        for (int left = length; left > 0; left -= PagePool.ZERO_BYTES) {
            append(new Piece(PagePool.zeroes().retain(), 0, Math.min(left, PagePool.ZERO_BYTES), false));
        }
    }

    /** Takes bytes from the front, at most as many as there are; the caller owns and releases the buffer. */
    ByteBuf take(int length) {
        Views.Joined joined = new Views.Joined(piecesOf(length));
        for (int left = length; left > 0; ) {
            Piece first = pieces.element();
            int taken = Math.min(left, first.length);
            joined.add(first.buffer, first.from, taken);
            left -= taken;
            drop(taken);
        }
        return joined.view();
    }

    /** Releases everything. */
    void clear() {
        pieces.forEach(piece -> ReferenceCountUtil.safeRelease(piece.buffer));
        pieces.clear();
        bytes = 0;
        if (chunk != null) {
            chunk.buffer.release();
            chunk = null;
        }
    }

    private int piecesOf(int length) {
        int count = 0;
        int reached = 0;
        for (Piece piece : pieces) {
            if (reached >= length) {
                break;
            }
            reached += piece.length;
            count++;
        }
        return count;
    }

    private void drop(int length) {
        Piece first = pieces.remove();
        bytes -= length;
        if (length == first.length) {
            first.buffer.release();
        } else {
            pieces.addFirst(new Piece(first.buffer, first.from + length, first.length - length, first.copied));
        }
    }

    private void append(Piece piece) {
        pieces.add(piece);
        bytes += piece.length;
    }

    private void copy(ByteBuf from, int length) {
        for (int done = 0; done < length; ) {
            Chunk into = chunkWithRoom();
            int start = into.used;
            int count = Math.min(length - done, into.length - start);
            Bytes.copy(from, from.readerIndex() + done, into.buffer, start, count);
            into.used += count;
            Piece last = pieces.peekLast();
            if (last != null && last.copied && last.from + last.length == start) { // goes on in the same chunk
                pieces.removeLast();
                bytes -= last.length;
                append(new Piece(last.buffer, last.from, last.length + count, true));
            } else {
                append(new Piece(into.buffer.retain(), start, count, true));
            }
            done += count;
        }
    }

    private Chunk chunkWithRoom() {
        Chunk current = chunk;
        if (current != null && pieces.isEmpty()) {
            current.align();
        }
        if (current == null || current.used == current.length) {
            Chunk next = new Chunk(chunkBytes);
            if (current != null) {
                current.buffer.release();
            }
            chunk = next;
            return next;
        }
        return current;
    }
}
