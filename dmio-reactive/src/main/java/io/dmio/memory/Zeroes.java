package io.dmio.memory;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.util.Objects;

/** Zeroes to write, and to compare with: one piece for everybody, taken from the system at first use. */
public final class Zeroes {

    /** The number of zeroes. */
    public static final int BYTES = 1 << 20;

    private Zeroes() {}

    /** Returns all of them, from a page boundary; read-only; {@code release()} has no effect. */
    public static ByteBuf all() {
        return Piece.ALL;
    }

    /** Returns whether memory holds nothing but zeroes; its position and limit are ignored. */
    public static boolean isZero(ByteBuffer memory, int from, int bytes) {
        Objects.checkFromIndexSize(from, bytes, memory.capacity());
        ByteBuffer all = memory.duplicate().clear();
        for (int done = 0; done < bytes; ) {
            int step = Math.min(BYTES, bytes - done);
            if (all.slice(from + done, step).mismatch(Views.nio(all(), 0, step)) >= 0) { // by vectors, not by words
                return false;
            }
            done += step;
        }
        return true;
    }

    private static final class Piece {
        static final ByteBuf ALL = Unpooled.unreleasableBuffer(
                LargePages.shared().directBuffer(BYTES, BYTES).setZero(0, BYTES).asReadOnly());
    }
}
