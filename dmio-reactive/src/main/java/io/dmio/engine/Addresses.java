package io.dmio.engine;

import com.kenai.jffi.MemoryIO;
import io.dmio.memory.Views;
import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;

/** Finds the addresses of direct memory, even if Netty does not tell them, as it has no Unsafe to find out. */
final class Addresses {

    private Addresses() {}

    /**
     * Returns the address of byte 0.
     *
     * @param memory direct and contiguous; the caller keeps it alive for as long as the address is used
     * @throws IllegalArgumentException if it is another kind of memory
     */
    static long of(ByteBuf memory) {
        if (memory.hasMemoryAddress()) {
            return memory.memoryAddress();
        }
        ByteBuffer view = memory.isDirect() && memory.nioBufferCount() == 1
                ? Views.nio(memory, 0, memory.capacity())
                : ByteBuffer.allocate(0);
        if (!view.isDirect()) {
            throw new IllegalArgumentException("not one piece of direct memory: " + memory);
        }
        return MemoryIO.getInstance().getDirectBufferAddress(view);
    }
}
