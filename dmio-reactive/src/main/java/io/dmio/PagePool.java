package io.dmio;

import io.dmio.memory.Aligned;
import io.dmio.memory.LargePages;
import io.dmio.memory.Overlay;
import io.dmio.memory.Views;
import io.dmio.memory.Zeroes;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.LongAdder;

/**
 * A pool of direct memory that starts on a page, as direct I/O requires: Netty's default allocators hand out buffers at any
 * 16-byte step. It is also the one place that decides whether memory is aligned, and that counts the copies made because it was
 * not. Safe for concurrent use.
 */
public final class PagePool {

    /** The number of {@link #zeroes}: the piece in which a long range is zeroed. */
    public static final int ZERO_BYTES = Zeroes.BYTES;

    private static final PagePool SHARED = new PagePool();

    private final PooledByteBufAllocator allocator = new PooledByteBufAllocator(
            true,
            0,
            PooledByteBufAllocator.defaultNumDirectArena(),
            PooledByteBufAllocator.defaultPageSize(),
            PooledByteBufAllocator.defaultMaxOrder(),
            PooledByteBufAllocator.defaultSmallCacheSize(),
            PooledByteBufAllocator.defaultNormalCacheSize(),
            true,
            Overlay.BY_ADDRESS ? Sectors.PAGE_BYTES : 0);
    private final LargePages large = LargePages.shared();
    private final LongAdder bounces = new LongAdder();
    private final LongAdder bounceBytes = new LongAdder();

    private PagePool() {}

    /**
     * Returns the pool of this process.
     *
     * @return always the same
     */
    public static PagePool shared() {
        return SHARED;
    }

    /**
     * Allocates memory that starts on a page boundary; its content is undefined.
     *
     * @param bytes how long, at least 1
     * @return a buffer of exactly that capacity, both indexes 0; the caller owns it and releases it
     * @throws IllegalArgumentException if {@code bytes} is not positive
     * @throws OutOfMemoryError if there is not so much, or if it is within a page of 2 GiB
     */
    public ByteBuf allocate(int bytes) {
        if (bytes < 1) {
            throw new IllegalArgumentException(bytes + " bytes: at least 1");
        }
        if (LargePages.suits(bytes)) { // also what Netty's pool would make longer than asked for
            return large.directBuffer(bytes, bytes);
        }
        if (Overlay.BY_ADDRESS) {
            return allocator.directBuffer(bytes, bytes);
        }
        // Netty aligns only with Unsafe, which newer JDKs take away
        // by default: without it, one page more is taken and cut.
        ByteBuf whole = allocator.directBuffer(bytes + Sectors.PAGE_BYTES - 1);
        return Overlay.over(Aligned.pages(whole, bytes), whole::release);
    }

    /**
     * Returns zeroes to write where a device has no better way: one shared piece, taken from the system at first use.
     *
     * @return {@link #ZERO_BYTES} of them, from a page boundary; read-only; {@code release()} has no effect
     */
    public static ByteBuf zeroes() {
        return Zeroes.all();
    }

    /**
     * Returns whether memory holds only zeroes.
     *
     * @param memory of any kind; its position and limit are not used
     * @param from the first byte
     * @param bytes how many
     * @return true also if {@code bytes} is 0
     * @throws IndexOutOfBoundsException if the range is not inside the memory
     */
    public static boolean isZero(ByteBuffer memory, int from, int bytes) {
        return Zeroes.isZero(memory, from, bytes);
    }

    /**
     * Allocates memory through which misaligned memory is copied, and counts that.
     *
     * @param bytes how long
     * @return as {@link #allocate}
     */
    public ByteBuf allocateBounce(int bytes) {
        bounces.increment();
        bounceBytes.add(bytes);
        return allocate(bytes);
    }

    /**
     * Returns how often memory had to be copied because it was not direct or not aligned.
     *
     * @return copies since start
     */
    public long bounceCount() {
        return bounces.sum();
    }

    /**
     * Returns how many bytes had to be copied.
     *
     * @return bytes since start
     */
    public long bounceBytes() {
        return bounceBytes.sum();
    }

    /**
     * Returns how much memory the pool holds from the system, in use or not.
     *
     * @return bytes
     */
    public long reservedBytes() {
        return allocator.metric().usedDirectMemory() + large.reservedBytes();
    }

    /**
     * Returns whether memory can go to the kernel as it is: direct, and every contiguous part aligned in address and length.
     *
     * @param memory of any kind
     * @param alignmentBytes a power of two
     * @return false if it needs a copy
     */
    public static boolean isAligned(ByteBuf memory, int alignmentBytes) {
        if (memory.hasMemoryAddress()) {
            return ((memory.memoryAddress() | memory.capacity()) & (alignmentBytes - 1)) == 0;
        }
        if (memory instanceof CompositeByteBuf parts) {
            for (int part = 0; part < parts.numComponents(); part++) {
                if (!isAligned(parts.internalComponent(part), alignmentBytes)) {
                    return false;
                }
            }
            return true;
        }
        // Without Unsafe most direct memory does not tell its address.
        return memory.isDirect()
                && memory.nioBufferCount() == 1
                && memory.capacity() % alignmentBytes == 0
                && Views.nio(memory, 0, memory.capacity()).alignmentOffset(0, alignmentBytes) == 0;
    }
}
