package io.dmio;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.LongAdder;

/**
 * Pooled direct memory that starts on a page, which is what direct I/O asks for: Netty's default allocators hand out buffers
 * at any 16-byte step. Also the one place that says whether memory is aligned and that counts the copies made where it was
 * not. Safe for concurrent use.
 */
public final class PagePool {

    /** How many {@link #zeroes} there are: the piece in which a long range is zeroed. */
    public static final int ZERO_BYTES = 1 << 20;

    private static final PagePool SHARED = new PagePool();

    // Netty aligns only with Unsafe, which Java 25 takes away by default: then a page more is taken, and cut.
    private final boolean aligns = PooledByteBufAllocator.isDirectMemoryCacheAlignmentSupported();
    private final PooledByteBufAllocator allocator = new PooledByteBufAllocator(
            true,
            0,
            PooledByteBufAllocator.defaultNumDirectArena(),
            PooledByteBufAllocator.defaultPageSize(),
            PooledByteBufAllocator.defaultMaxOrder(),
            PooledByteBufAllocator.defaultSmallCacheSize(),
            PooledByteBufAllocator.defaultNormalCacheSize(),
            true,
            aligns ? Sectors.PAGE_BYTES : 0);
    private final LargePages large = new LargePages();
    private final LongAdder bounces = new LongAdder();
    private final LongAdder bounceBytes = new LongAdder();

    private PagePool() {}

    /**
     * The pool of this process.
     *
     * @return always the same
     */
    public static PagePool shared() {
        return SHARED;
    }

    /**
     * Takes memory that starts on a page boundary; its content is undefined.
     *
     * @param bytes how long, at least 1
     * @return a buffer of exactly that capacity, both indexes 0; the caller owns it and releases it
     */
    public ByteBuf allocate(int bytes) {
        if (aligns) {
            return (LargePages.suits(bytes) ? large : allocator).directBuffer(bytes, bytes);
        }
        int larger = Math.addExact(bytes, Sectors.PAGE_BYTES - 1);
        ByteBuf whole = allocator.directBuffer(larger, larger);
        int skip = (int) (-whole.memoryAddress() & (Sectors.PAGE_BYTES - 1));
        return whole.slice(skip, bytes).setIndex(0, 0); // the slice is the whole's only reference
    }

    /**
     * Zeroes to write where a device has no better way: one piece for everybody, taken from the system at first use.
     *
     * @return {@link #ZERO_BYTES} of them, from a page boundary; never written, and never released, whoever tries
     */
    public static ByteBuf zeroes() {
        return Zeroes.BYTES;
    }

    /**
     * Whether memory holds nothing but zeroes.
     *
     * @param memory of any kind; its position and limit are not used
     * @param from the first byte
     * @param bytes how many
     * @return true also for none
     */
    public static boolean isZero(ByteBuffer memory, int from, int bytes) {
        for (int at = from; at < from + bytes; at += ZERO_BYTES) {
            int length = Math.min(ZERO_BYTES, from + bytes - at);
            if (memory.slice(at, length).mismatch(zeroes().nioBuffer(0, length)) >= 0) { // by vectors, not by words
                return false;
            }
        }
        return true;
    }

    /**
     * Takes memory to copy misaligned memory through, and counts that.
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
     * How often memory had to be copied because it was not direct or not aligned.
     *
     * @return copies since start
     */
    public long bounceCount() {
        return bounces.sum();
    }

    /**
     * How many bytes had to be copied.
     *
     * @return bytes since start
     */
    public long bounceBytes() {
        return bounceBytes.sum();
    }

    /**
     * Memory the pool holds from the system, in use or not.
     *
     * @return bytes
     */
    public long reservedBytes() {
        return allocator.metric().usedDirectMemory() + large.reservedBytes();
    }

    /**
     * Whether memory can go to the kernel as it is: direct, and every contiguous part aligned in address and length.
     *
     * @param memory of any kind
     * @param alignmentBytes a power of two
     * @return false if it needs a copy
     */
    public static boolean isAligned(ByteBuf memory, int alignmentBytes) {
        if (memory.hasMemoryAddress()) {
            return ((memory.memoryAddress() | memory.capacity()) & (alignmentBytes - 1)) == 0;
        }
        if (!(memory instanceof CompositeByteBuf parts)) {
            return false;
        }
        for (int part = 0; part < parts.numComponents(); part++) {
            if (!isAligned(parts.internalComponent(part), alignmentBytes)) {
                return false;
            }
        }
        return true;
    }

    private static final class Zeroes {
        static final ByteBuf BYTES =
                Unpooled.unreleasableBuffer(SHARED.allocate(ZERO_BYTES).setZero(0, ZERO_BYTES));
    }
}
