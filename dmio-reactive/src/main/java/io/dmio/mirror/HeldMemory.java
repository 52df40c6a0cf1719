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
        held.merge(memory, 1, Integer::sum);
        return memory;
    }

    void free(@Nullable ByteBuf memory) {
        if (memory != null && held.containsKey(memory)) {
            held.computeIfPresent(memory, (same, times) -> times == 1 ? null : times - 1);
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
