package io.dmio.memory;

import io.netty.buffer.AbstractByteBufAllocator;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.stream.Stream;

/**
 * An allocator of large buffers that start on a page, whose memory is kept for the next buffer. Netty's pool gives a chunk back to the system
 * as soon as nothing of it is in use. So a few large buffers that come and go at the same time would cost a new chunk each time, zeroed and
 * faulted in, which takes as long as copying their content. Nor does Netty's pool give exact lengths above 4 MiB: it gives the next size
 * class, up to a quarter more than was asked for. Safe for concurrent use.
 */
public final class LargePages extends AbstractByteBufAllocator {

    /** The shortest buffer that is worth it; shorter ones stay in Netty's pool, and in its caches for each thread. */
    static final int BYTES_MIN = 64 << 10;

    /** The longest buffer whose memory is kept; the memory of longer ones comes from the system each time. */
    static final int KEPT_LENGTH_MAX = 4 << 20;

    /** The most unused memory that is kept. */
    static final int KEPT_BYTES_MAX = 32 << 20;

    // Kept memory is not a leak, so leak detection watches only what is handed out.
    private static final UnpooledByteBufAllocator SYSTEM = new UnpooledByteBufAllocator(true, true);

    private static final int CLASSES = 1 + Integer.numberOfTrailingZeros(KEPT_LENGTH_MAX / BYTES_MIN); // powers of two

    private static final LargePages SHARED = new LargePages();

    // guarded by this
    private final Deque<Memory>[] kept = newClasses();
    private long keptBytes;
    private long reservedBytes;

    /** Returns the allocator of this process. */
    public static LargePages shared() {
        return SHARED;
    }

    /** Returns whether a buffer of such a length is made here. */
    public static boolean suits(int bytes) {
        return bytes >= BYTES_MIN;
    }

    /** Returns the bytes of all memory from the system, in use or not. */
    public synchronized long reservedBytes() {
        return reservedBytes;
    }

    /** Returns the bytes of memory that is not in use. */
    synchronized long keptBytes() {
        return keptBytes;
    }

    @Override
    public boolean isDirectBufferPooled() {
        return true;
    }

    @Override
    protected ByteBuf newDirectBuffer(int initialCapacity, int maxCapacity) {
        Memory memory = take(initialCapacity);
        return toLeakAwareBuffer(Overlay.over(memory.pages.slice(0, initialCapacity), () -> keep(memory)));
    }

    @Override
    protected ByteBuf newHeapBuffer(int initialCapacity, int maxCapacity) {
        return Overlay.OTHERS.heapBuffer(initialCapacity, maxCapacity);
    }

    private Memory take(int bytes) {
        if (bytes > KEPT_LENGTH_MAX) {
            return reserved(bytes);
        }
        int place = classOf(bytes);
        synchronized (this) {
            Memory last = kept[place].pollLast(); // most likely in a cache of the processor
            if (last != null) {
                keptBytes -= last.bytes();
                return last;
            }
        }
        return reserved(BYTES_MIN << place);
    }

    private Memory reserved(int bytes) {
        Memory fresh = Memory.of(bytes);
        synchronized (this) {
            reservedBytes += fresh.bytes();
        }
        return fresh;
    }

    // What was used last is what will be wanted next, even when users change from one length to another.
    private void keep(Memory memory) {
        List<Memory> spare = new ArrayList<>(0);
        synchronized (this) {
            if (memory.bytes() > KEPT_LENGTH_MAX) {
                spare.add(memory);
            } else {
                keptBytes += memory.bytes();
                kept[classOf(memory.bytes())].addLast(memory);
            }
            while (keptBytes > KEPT_BYTES_MAX) {
                Memory oldest = most().removeFirst();
                keptBytes -= oldest.bytes();
                spare.add(oldest);
            }
            spare.forEach(one -> reservedBytes -= one.bytes());
        }
        spare.forEach(one -> one.whole.release());
    }

    /** Returns the class of lengths of which most memory is kept. */
    private Deque<Memory> most() {
        int most = 0;
        for (int place = 1; place < CLASSES; place++) {
            if ((long) kept[place].size() << place > (long) kept[most].size() << most) {
                most = place;
            }
        }
        return kept[most];
    }

    private static int classOf(int bytes) {
        return Integer.SIZE - Integer.numberOfLeadingZeros((bytes - 1) / BYTES_MIN);
    }

    @SuppressWarnings("unchecked") // there is no other way to make such an array
    private static Deque<Memory>[] newClasses() {
        return Stream.generate(ArrayDeque::new).limit(CLASSES).toArray(Deque[]::new);
    }

    /**
     * Memory from the system.
     *
     * @param whole the memory, a page longer than what is used of it
     * @param pages what is used, from a page boundary on
     */
    private record Memory(ByteBuf whole, ByteBuffer pages) {

        static Memory of(int bytes) {
            if (bytes > Integer.MAX_VALUE - Aligned.PAGE_BYTES) {
                throw new OutOfMemoryError(
                        bytes + " bytes, and a page to align them, are more than one buffer can have");
            }
            ByteBuf whole = SYSTEM.directBuffer(bytes + Aligned.PAGE_BYTES);
            return new Memory(whole, Aligned.pages(whole, bytes));
        }

        int bytes() {
            return pages.capacity();
        }
    }
}
