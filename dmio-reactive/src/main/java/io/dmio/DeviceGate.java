package io.dmio;

import io.dmio.concurrent.Completion;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import reactor.core.publisher.Mono;

/**
 * The life of a {@link BlockDevice}: counts operations in and out, refuses new ones once it is shut, and reports when the last
 * one has left. A count and a bit in one word, as the kernel's {@code percpu_ref}. Use it in your own devices: enter before
 * touching anything, exit when the operation has ended, return {@link #close} from {@link BlockDevice#close}. Safe for use from
 * any thread; never blocks.
 */
public final class DeviceGate {

    private static final int SHUT = 1 << 31; // the sign bit; the other 31 count those inside

    private final AtomicInteger state = new AtomicInteger();
    private final Completion drained = new Completion();
    private final Runnable whenDrained;

    /**
     * Creates an open gate.
     *
     * @param whenDrained frees what the device holds; runs once, when the gate is shut and empty, on the thread that left last
     *     or that shut it. What it throws is the error of every {@link #close}, and not of an operation that happened to leave
     *     last
     */
    public DeviceGate(Runnable whenDrained) {
        this.whenDrained = Objects.requireNonNull(whenDrained, "whenDrained");
    }

    /**
     * Enters the gate, if it is open.
     *
     * @return true if inside, and then {@link #exit} must follow once; false, with nothing counted, if the gate is shut
     */
    public boolean enter() {
        int before;
        do {
            before = state.get();
            if (before < 0) {
                return false;
            }
        } while (!state.compareAndSet(before, before + 1));
        return true;
    }

    /** Leaves the gate, once for each successful {@code enter}. */
    public void exit() {
        if (state.decrementAndGet() == SHUT) {
            end();
        }
    }

    /** Shuts the gate, which refuses operations from now on. Shutting it again is harmless. */
    public void shut() {
        if (state.getAndUpdate(now -> now | SHUT) == 0) {
            end();
        }
    }

    /**
     * Shuts the gate when subscribed.
     *
     * @return a Mono that completes when no operation is inside and what the device holds is freed, or errors with what freeing
     *     it threw; subscribing again waits for the same end
     */
    public Mono<Void> close() {
        return Mono.defer(() -> {
            shut();
            return drained.await();
        });
    }

    /**
     * Returns whether the gate is shut.
     *
     * @return true from the first {@link #shut} on
     */
    public boolean isShut() {
        return state.get() < 0;
    }

    private void end() {
        Throwable failure = null;
        try {
            whenDrained.run();
        } catch (Throwable thrown) {
            failure = thrown;
        }
        drained.end(failure);
    }
}
