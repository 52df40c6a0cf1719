package io.dmio.nbd.wire;

import io.dmio.memory.Views;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * Part of somebody's memory, lent to a socket that reads what belongs there: data that comes back in this very buffer need not be
 * copied. One loan at a time, of one thread.
 */
public final class LentRoom {

    /** Data that is worth it; of less a copy is cheaper than calls of the kernel for these bytes alone. */
    private static final int BYTES_MIN = 16 << 10;

    private @Nullable ByteBuf lent;

    /** Whether so much data is worth it; then all of it is, to its last byte, as what comes behind that is not wanted there. */
    public static boolean suits(long bytes) {
        return bytes >= BYTES_MIN;
    }

    /**
     * Lends a range, or as much of its beginning as is one run of memory.
     *
     * @param memory of the request whose data is coming
     * @return empty, and the caller's; null where the run is too short to be worth it, or no channel can receive into it
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

    /** Whether a buffer is what was lent last: its bytes are where they belong. */
    @SuppressWarnings("ReferenceEquality") // this very buffer
    public boolean is(ByteBuf buffer) {
        return buffer == lent;
    }

    /** All has come, or never will: no buffer is meant from here on. */
    public void end() {
        lent = null;
    }
}
