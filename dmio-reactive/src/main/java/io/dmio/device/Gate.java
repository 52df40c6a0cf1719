package io.dmio.device;

import java.util.concurrent.atomic.AtomicInteger;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/**
 * Counts operations in and out, and shuts: the whole life cycle of a device, without a lock. Whoever is last out after the
 * shutting tells the closers, on its own thread.
 */
final class Gate {

    private static final int SHUT = Integer.MIN_VALUE; // the sign bit; the other 31 count those inside

    private final AtomicInteger state = new AtomicInteger();
    private final Sinks.Empty<Void> empty = Sinks.empty();
    private final Runnable whenEmpty;

    /**
     * An open gate.
     *
     * @param whenEmpty frees what the device holds, once shut and empty, before the closers hear; may run twice
     */
    Gate(Runnable whenEmpty) {
        this.whenEmpty = whenEmpty;
    }

    /**
     * Asks to come in.
     *
     * @return true if inside, then {@link #exit} must follow once; false if the gate is shut
     */
    boolean enter() {
        if (state.incrementAndGet() > 0) {
            return true;
        }
        exit();
        return false;
    }

    /** Goes out. */
    void exit() {
        if (state.decrementAndGet() == SHUT) {
            end(); // again, if one that was refused goes out after the last
        }
    }

    /** Whether it no longer opens. */
    boolean isShut() {
        return state.get() < 0;
    }

    /** How many are inside. */
    int inside() {
        return state.get() & ~SHUT;
    }

    /**
     * Shuts the gate when subscribed.
     *
     * @return completes when nobody is inside; subscribing again waits for the same end
     */
    Mono<Void> shut() {
        return Mono.defer(() -> {
            if (state.getAndUpdate(now -> now | SHUT) == 0) {
                end();
            }
            return empty.asMono();
        });
    }

    private void end() {
        whenEmpty.run();
        empty.tryEmitEmpty(); // refused the second time: told once is enough
    }
}
