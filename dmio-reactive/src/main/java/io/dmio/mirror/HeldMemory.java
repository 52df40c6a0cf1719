package io.dmio.mirror;

import io.dmio.PagePool;
import io.netty.buffer.ByteBuf;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Memory that the mirror holds while operations of its own are in flight. It is counted, so that a mirror that ends
 * half way gives all of it back. Owned by the mailbox, except {@link #allocate}.
 */
final class HeldMemory {

    private final Runnable allocates;
    private final Set<ByteBuf> held = Collections.newSetFromMap(new IdentityHashMap<>());

    /**
     * Creates it with no memory held yet.
     *
     * @param allocates runs before each allocation in the mailbox, for simulations that let it fail
     */
    HeldMemory(Runnable allocates) {
        this.allocates = allocates;
    }

    /** Allocates memory that the caller gives back. From any thread. */
    static ByteBuf allocate(int bytes) {
        return PagePool.shared().allocate(bytes).setIndex(0, bytes); // readable, as some comparisons ask for
    }

    /** Allocates memory that is the mirror's until it is freed. */
    ByteBuf hold(int bytes) {
        allocates.run();
        ByteBuf memory = allocate(bytes);
        held.add(memory);
        return memory;
    }

    void free(@Nullable ByteBuf memory) {
        if (memory != null && held.remove(memory)) {
            memory.release();
        }
    }

    int count() {
        return held.size();
    }

    /** Frees all of it, whatever it is used for. */
    void freeAll() {
        held.forEach(ByteBuf::release);
        held.clear();
    }
}
