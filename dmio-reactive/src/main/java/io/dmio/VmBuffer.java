package io.dmio;

import io.dmio.memory.Views;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.util.Objects;

/** One contiguous buffer, the counterpart of the {@code void *data} of {@code dm_io_sync_vm} and {@code dm_io_async_vm}. */
public final class VmBuffer implements IoMemory {

    private final ByteBuf buffer;

    private VmBuffer(ByteBuf buffer) {
        if (buffer.capacity() < Sectors.BYTES) {
            throw new IllegalArgumentException("a buffer of " + buffer.capacity() + " bytes holds no sector");
        }
        this.buffer = buffer;
    }

    /**
     * Returns memory made of a buffer's bytes {@code [0, capacity)}; pass {@code buffer.slice()} for its readable bytes.
     *
     * @param buffer the buffer; the caller keeps owning it
     * @return the memory
     * @throws IllegalArgumentException if it holds no sector
     */
    public static VmBuffer of(ByteBuf buffer) {
        return new VmBuffer(Objects.requireNonNull(buffer, "buffer"));
    }

    /**
     * Returns memory made of the bytes between the buffer's position and limit as they are now.
     *
     * @param buffer direct or heap
     * @return the memory
     * @throws IllegalArgumentException if it holds no sector
     */
    public static VmBuffer of(ByteBuffer buffer) {
        return new VmBuffer(Unpooled.wrappedBuffer(buffer));
    }

    /**
     * Returns memory made of an array. Heap memory moves, so it is copied on its way to the kernel.
     *
     * @param bytes the array, not copied here
     * @return the memory
     * @throws IllegalArgumentException if it holds no sector
     */
    public static VmBuffer of(byte[] bytes) {
        return new VmBuffer(Unpooled.wrappedBuffer(Objects.requireNonNull(bytes, "bytes")));
    }

    /**
     * Allocates page-aligned memory from the library's pool, with undefined content.
     *
     * @param bytes at least 512
     * @return the memory, to be {@linkplain #release released} by the caller
     */
    public static VmBuffer allocate(int bytes) {
        if (bytes < Sectors.BYTES) {
            throw new IllegalArgumentException(bytes + " bytes hold no sector");
        }
        return new VmBuffer(PagePool.shared().allocate(bytes));
    }

    /**
     * Returns the buffer itself, to fill or to inspect.
     *
     * @return the same buffer, not retained
     */
    public ByteBuf buffer() {
        return buffer;
    }

    @Override
    public long bytes() {
        return buffer.capacity();
    }

    @Override
    public ByteBuf retainedView(long from, int bytes) {
        Objects.checkFromIndexSize(from, bytes, bytes());
        return Views.retainedSlice(buffer, (int) from, bytes);
    }

    @Override
    public boolean readOnly() {
        return Views.isReadOnly(buffer);
    }

    @Override
    public void release() {
        buffer.release();
    }
}
