package io.dmio.memory;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.UnpooledDirectByteBuf;
import io.netty.buffer.UnpooledUnsafeDirectByteBuf;
import java.nio.ByteBuffer;

/**
 * Makes buffers over direct memory that another buffer owns. Unlike a slice, such a buffer is a root: it has its own indexes, reference count
 * and NIO view, so two threads may each receive into a buffer over the same memory. (All slices of a Netty buffer share the NIO view of their
 * root, which moves while a channel reads into it.)
 */
public final class Overlay {

    /** Whether Netty reaches memory by its address, which needs no view at all. */
    public static final boolean BY_ADDRESS = PooledByteBufAllocator.isDirectMemoryCacheAlignmentSupported();

    /** The allocator for buffers that Netty wants beside an overlay, for a copy or on the way to a stream; of any size and kind. */
    static final ByteBufAllocator OTHERS = PooledByteBufAllocator.DEFAULT;

    private Overlay() {}

    /**
     * Returns a buffer of exactly the memory's capacity, both indexes 0, that the caller owns.
     *
     * @param memory direct and writable; used from byte 0 to its capacity, and not freed
     * @param released called once, when the last reference is released
     */
    public static ByteBuf over(ByteBuffer memory, Runnable released) {
        ByteBuf buffer = BY_ADDRESS ? new ByAddress(memory, released) : new ByNio(memory, released);
        return buffer.setIndex(0, 0);
    }

    private static final class ByAddress extends UnpooledUnsafeDirectByteBuf {
        private final Runnable released;

        ByAddress(ByteBuffer memory, Runnable released) {
            super(OTHERS, memory.duplicate().clear(), memory.capacity()); // which it does not free
            this.released = released;
        }

        @Override
        protected void deallocate() {
            super.deallocate();
            released.run();
        }
    }

    private static final class ByNio extends UnpooledDirectByteBuf {
        private final Runnable released;

        ByNio(ByteBuffer memory, Runnable released) {
            super(OTHERS, memory.duplicate().clear(), memory.capacity());
            this.released = released;
        }

        @Override
        protected void deallocate() {
            super.deallocate();
            released.run();
        }
    }
}
