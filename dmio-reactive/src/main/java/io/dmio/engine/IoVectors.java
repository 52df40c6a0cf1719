package io.dmio.engine;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * The memory of one transfer as the kernel's vectored calls see it: an array of {@code struct iovec} in native memory. Shrinks from the front
 * as bytes are transferred. Does not keep the memory alive; {@link #release} frees only the array. Used by one thread at a time.
 */
final class IoVectors {

    /** The most vectors that the kernel takes in one call (UIO_MAXIOV). */
    static final int CALL_MAX = 1024;

    /** {@code struct iovec}: base:8 | length:8, in the machine's order. */
    static final int ENTRY_BYTES = 16;

    private static final boolean LITTLE = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;

    private final long tableAddress;
    private @Nullable ByteBuf table;
    private int first;
    private int count;

    private IoVectors(ByteBuf table) {
        this.table = table;
        this.tableAddress = Addresses.of(table);
    }

    /**
     * Flattens a buffer, nested or not; parts that are adjacent in memory become one entry.
     *
     * @param memory direct throughout
     * @param bytes how many of the memory's first bytes are transferred, at least 1
     */
    static IoVectors of(ByteBuf memory, long bytes) {
        IoVectors vectors = new IoVectors(PooledByteBufAllocator.DEFAULT.directBuffer(runsIn(memory) * ENTRY_BYTES));
        try {
            long left = vectors.append(memory, bytes);
            if (left > 0) {
                throw new IllegalArgumentException(memory + " is " + left + " bytes shorter than " + bytes);
            }
            return vectors;
        } catch (RuntimeException unusable) {
            vectors.release();
            throw unusable;
        }
    }

    /** Returns the address of the first entry that is left. */
    long address() {
        return tableAddress + (long) first * ENTRY_BYTES;
    }

    /** Returns where the memory of the first entry that is left starts. */
    long firstAddress() {
        return base(first);
    }

    /** Returns the number of entries for the next call. */
    int callCount() {
        return Math.min(CALL_MAX, count - first);
    }

    /** Leaves out bytes at the front. */
    void advance(long bytes) {
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

    /** Frees the array; may be called again. */
    void release() {
        if (table != null) {
            table.release();
            table = null;
        }
    }

    /** Appends a buffer's memory; returns how many of the bytes other buffers have to provide. */
    private long append(ByteBuf memory, long bytes) {
        if (memory.hasMemoryAddress() || !(memory instanceof CompositeByteBuf parts)) {
            int length = (int) Math.min(bytes, memory.capacity());
            append(Addresses.of(memory), length);
            return bytes - length;
        }
        long left = bytes;
        for (int i = 0; i < parts.numComponents(); i++) {
            left = append(parts.internalComponent(i), left);
        }
        return left;
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
            throw new IllegalStateException("released");
        }
        return table;
    }
}
