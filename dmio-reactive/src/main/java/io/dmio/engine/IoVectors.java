package io.dmio.engine;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * The memory of one transfer as the kernel sees it: one run of bytes, or an array of {@code struct iovec} in native memory.
 * Shrinks from the front as bytes are transferred. Does not keep the memory alive; {@link #release} frees the array alone.
 * Used by one thread at a time.
 */
final class IoVectors {

    /** The kernel takes no more vectors in one call (UIO_MAXIOV). */
    static final int CALL_MAX = 1024;

    /** {@code struct iovec}: base:8 | length:8, in the machine's order. */
    static final int ENTRY_BYTES = 16;

    private static final boolean LITTLE = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;

    private @Nullable ByteBuf table;
    private int first;
    private int count;
    private long address;
    private long remaining;

    private IoVectors(long address, long bytes) {
        this.address = address;
        this.remaining = bytes;
        this.count = 1;
    }

    /** One run of native memory. */
    static IoVectors of(long address, long bytes) {
        return new IoVectors(address, bytes);
    }

    /**
     * Flattens a buffer, nested or not; neighbours that touch in memory become one.
     *
     * @param memory direct throughout
     * @param asTable whether even one run must be an array, for calls that have no other form
     */
    static IoVectors of(ByteBuf memory, boolean asTable) {
        if (memory.hasMemoryAddress() && !asTable) {
            return new IoVectors(memory.memoryAddress(), memory.capacity());
        }
        IoVectors vectors = new IoVectors(0, memory.capacity());
        vectors.count = 0;
        vectors.table = PooledByteBufAllocator.DEFAULT.directBuffer(runsIn(memory) * ENTRY_BYTES);
        vectors.append(memory);
        if (vectors.count == 1 && !asTable) {
            vectors.address = vectors.base(0);
            vectors.release();
        }
        return vectors;
    }

    /** Whether what is left is one run that needs no array. */
    boolean isRun() {
        return table == null;
    }

    /** The run's first byte, or the array's first entry. */
    long address() {
        return table == null ? address : table.memoryAddress() + (long) first * ENTRY_BYTES;
    }

    /** Entries for the next call. */
    int callCount() {
        return Math.min(CALL_MAX, count - first);
    }

    /** Bytes not transferred yet. */
    long remaining() {
        return remaining;
    }

    /** Leaves out bytes at the front. */
    void advance(long bytes) {
        remaining -= bytes;
        if (table == null) {
            address += bytes;
            return;
        }
        long left = bytes;
        while (left > 0) {
            long length = length(first);
            if (left < length) {
                put(first, base(first) + left, length - left);
                return;
            }
            left -= length;
            first++;
        }
    }

    /** Frees the array; again is harmless. */
    void release() {
        if (table != null) {
            table.release();
            table = null;
        }
    }

    private void append(ByteBuf memory) {
        if (memory.hasMemoryAddress()) {
            append(memory.memoryAddress(), memory.capacity());
        } else if (memory instanceof CompositeByteBuf parts) {
            for (int i = 0; i < parts.numComponents(); i++) {
                append(parts.internalComponent(i));
            }
        } else {
            throw new IllegalArgumentException("not direct memory: " + memory);
        }
    }

    private void append(long base, int length) {
        if (length == 0) {
            return;
        }
        if (count > 0 && base(count - 1) + length(count - 1) == base) {
            put(count - 1, base(count - 1), length(count - 1) + length);
        } else {
            put(count++, base, length);
        }
    }

    private static int runsIn(ByteBuf memory) {
        if (memory.hasMemoryAddress() || !(memory instanceof CompositeByteBuf parts)) {
            return 1;
        }
        int runs = 0;
        for (int i = 0; i < parts.numComponents(); i++) {
            runs += runsIn(parts.internalComponent(i));
        }
        return runs;
    }

    private long base(int entry) {
        return get(entry * ENTRY_BYTES);
    }

    private long length(int entry) {
        return get(entry * ENTRY_BYTES + 8);
    }

    private long get(int at) {
        ByteBuf entries = entries();
        return LITTLE ? entries.getLongLE(at) : entries.getLong(at);
    }

    private void put(int entry, long base, long length) {
        ByteBuf entries = entries();
        int at = entry * ENTRY_BYTES;
        if (LITTLE) {
            entries.setLongLE(at, base).setLongLE(at + 8, length);
        } else {
            entries.setLong(at, base).setLong(at + 8, length);
        }
    }

    private ByteBuf entries() {
        if (table == null) {
            throw new IllegalStateException("one run has no array");
        }
        return table;
    }
}
