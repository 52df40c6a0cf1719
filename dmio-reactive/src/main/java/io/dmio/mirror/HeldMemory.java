package io.dmio.mirror;

import io.dmio.PagePool;
import io.netty.buffer.ByteBuf;
import java.util.IdentityHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Memory that is the mirror's as long as something of its own is in flight. It is counted, so that a mirror that ends half way
 * gives all of it back. Owned by the mailbox, but for {@link #allocate}.
 */
final class HeldMemory {

    private final Runnable allocates;
    private final IdentityHashMap<ByteBuf, Integer> held = new IdentityHashMap<>(); // how often

    /**
     * None yet.
     *
     * @param allocates runs before each allocation in the mailbox, for simulations that let it fail
     */
    HeldMemory(Runnable allocates) {
        this.allocates = allocates;
    }

    /** From any thread: memory to be tracked. */
    static ByteBuf allocate(int bytes) {
        return PagePool.shared().allocate(bytes).setIndex(0, bytes); // readable, as some comparisons ask for
    }

    /** Allocates and tracks. */
    ByteBuf hold(int bytes) {
        allocates.run();
        return track(allocate(bytes));
    }

    /** It is the mirror's until it is freed, once for each time. */
    ByteBuf track(ByteBuf memory) {
        Integer before = held.put(memory, 1);
        if (before != null) {
            held.put(memory, before + 1);
        }
        return memory;
    }

    void free(@Nullable ByteBuf memory) {
        Integer times = memory == null ? null : held.remove(memory);
        if (memory != null && times != null) {
            if (times > 1) {
                held.put(memory, times - 1);
            }
            memory.release();
        }
    }

    int count() {
        return held.size();
    }

    /** All of it, whatever it is used for. */
    void freeAll() {
        held.forEach((memory, times) -> memory.release(times));
        held.clear();
    }
}
