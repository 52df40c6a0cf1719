package io.dmio.memory;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.UnpooledUnsafeDirectByteBuf;
import java.nio.ByteBuffer;
import java.util.Objects;

/**
 * Moves bytes between buffers of any kind, safely for several threads at once that use different bytes of one buffer. Netty's own
 * {@code setBytes}, {@code getBytes} and {@code setZero} are not safe: they may go through one NIO view of the root that all its slices
 * share, and two threads mix up its position. Buffers of Netty's adaptive allocator, the default of 4.2, do so for any source of another
 * kind; without Unsafe, as on JDK 24 and newer by default, all buffers do. Here each call uses views of its own. The buffers' reader and
 * writer indexes are ignored and stay as they are.
 */
public final class Bytes {

    private Bytes() {}

    /**
     * Copies bytes.
     *
     * @param from of any kind
     * @param fromIndex the first byte copied
     * @param to of any kind that is writable; not over the same memory
     * @param toIndex where that byte goes
     * @param bytes how many
     * @throws IndexOutOfBoundsException if either range is not inside its buffer; nothing is copied then
     */
    public static void copy(ByteBuf from, int fromIndex, ByteBuf to, int toIndex, int bytes) {
        Objects.checkFromIndexSize(fromIndex, bytes, from.capacity());
        Objects.checkFromIndexSize(toIndex, bytes, to.capacity());
        if (goesByAddress(from, to)) {
            to.setBytes(toIndex, from, fromIndex, bytes);
            return;
        }
        ByteBuffer[] sources = Views.parts(from, fromIndex, bytes);
        ByteBuffer[] targets = Views.parts(to, toIndex, bytes);
        int source = 0;
        for (ByteBuffer target : targets) {
            while (target.hasRemaining()) {
                ByteBuffer next = sources[source];
                int step = Math.min(target.remaining(), next.remaining());
                target.put(target.position(), next, next.position(), step);
                target.position(target.position() + step);
                next.position(next.position() + step);
                source += next.hasRemaining() ? 0 : 1;
            }
        }
    }

    // Roots of these allocators copy from one address to the other:
    // no view is used, nor made, which would cost four objects.
    private static boolean goesByAddress(ByteBuf from, ByteBuf to) {
        return Overlay.BY_ADDRESS
                && from.hasMemoryAddress()
                && to.hasMemoryAddress()
                && to.unwrap() == null
                && (to instanceof UnpooledUnsafeDirectByteBuf || to.alloc() instanceof PooledByteBufAllocator);
    }

    /**
     * Sets bytes to zero.
     *
     * @param memory of any kind that is writable
     * @param from the first byte
     * @param bytes how many
     * @throws IndexOutOfBoundsException if the range is not inside the buffer; nothing is changed then
     */
    public static void zero(ByteBuf memory, int from, int bytes) {
        Objects.checkFromIndexSize(from, bytes, memory.capacity());
        for (ByteBuffer view : Views.parts(memory, from, bytes)) {
            while (view.hasRemaining()) {
                view.put(Views.nio(Zeroes.all(), 0, Math.min(view.remaining(), Zeroes.BYTES)));
            }
        }
    }
}
