package io.dmio.nbd.wire;

import io.dmio.memory.Views;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * A part of a request's memory, lent to a socket that reads the data that belongs there: data that comes back in this very buffer need not be
 * copied. One loan at a time, on one thread.
 */
public final class LentRoom {

    /** The least data that is worth it; below that a copy is cheaper than system calls for these bytes alone. */
    private static final int BYTES_MIN = 16 << 10;

    private @Nullable ByteBuf lent;

    /** Returns whether so much data is worth it; then all of it is, to its last byte, as what comes after that is not wanted there. */
    public static boolean suits(long bytes) {
        return bytes >= BYTES_MIN;
    }

    /**
     * Lends a range, or as much of its beginning as is contiguous.
     *
     * @param memory the memory of the request whose data is coming
     * @return an empty buffer, owned by the caller; null if the memory is too short to be worth it, or no channel can receive into it
     */
    @Nullable
    public ByteBuf lend(ByteBuf memory, int at, int bytes) {
        ByteBuf range = Views.toReceive(memory, at, bytes).orElse(null);
        if (range != null && range.capacity() < Math.min(bytes, BYTES_MIN)) {
            range.release();
            range = null;
        }
        lent = range;
        return range;
    }

    /** Returns whether a buffer is the one that was lent last: its bytes are where they belong. */
    @SuppressWarnings("ReferenceEquality") // this very buffer
    public boolean is(ByteBuf buffer) {
        return buffer == lent;
    }

    /** Ends the loan: everything has come, or never will. From here on no buffer is the lent one. */
    public void end() {
        lent = null;
    }
}
