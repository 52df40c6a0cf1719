package io.dmio.engine;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * Counts who is inside, and once shut, lets nobody in and tells when the last one is out. A count and a bit in one word, as
 * the kernel's {@code percpu_ref}; safe from any thread.
 */
final class Gate {

    private static final int SHUT = 1 << 31;

    private final AtomicInteger inside = new AtomicInteger();
    private final Runnable drained;

    /** @param drained runs once: shut and empty; on the thread that left last, or that shut it */
    Gate(Runnable drained) {
        this.drained = drained;
    }

    /** Goes in; false, and nothing counted, if it is shut. */
    boolean enter() {
        int before;
        do {
            before = inside.get();
            if (before < 0) {
                return false;
            }
        } while (!inside.compareAndSet(before, before + 1));
        return true;
    }

    /** Goes out, once for each time in. */
    void exit() {
        if (inside.decrementAndGet() == SHUT) {
            drained.run();
        }
    }

    /** Lets nobody in any more; again is harmless. */
    void shut() {
        if (inside.getAndUpdate(count -> count | SHUT) == 0) {
            drained.run();
        }
    }

    boolean isShut() {
        return inside.get() < 0;
    }
}
