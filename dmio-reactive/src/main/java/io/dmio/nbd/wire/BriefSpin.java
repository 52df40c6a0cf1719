package io.dmio.nbd.wire;

import io.netty.channel.SelectStrategy;
import io.netty.util.IntSupplier;
import java.util.function.LongSupplier;

/**
 * Looks for what is next a little while before a loop goes to sleep: a client that waits for one answer before it
 * asks again does so within microseconds, and to wake a thread that sleeps on another core takes longer than to
 * answer. A loop where nothing happens looks once each time it is woken, then it sleeps and takes no processor.
 */
final class BriefSpin implements SelectStrategy {

    /** Keeps nothing, so all loops share it. */
    static final BriefSpin INSTANCE = new BriefSpin(System::nanoTime);

    /** A client's turn around, and little beside what it costs to sleep and be woken. */
    static final long NANOS = 40_000;

    private final LongSupplier nanoTime;

    BriefSpin(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /**
     * To look is a call of the kernel: a pause as in {@link Thread#onSpinWait()} beside it would spare nothing, and
     * who looks for calls that block an event loop takes it for one.
     */
    @Override
    public int calculateStrategy(IntSupplier selectNow, boolean hasTasks) throws Exception {
        long start = nanoTime.getAsLong();
        int ready = selectNow.get();
        while (ready == 0 && !hasTasks) {
            if (nanoTime.getAsLong() - start >= NANOS) {
                return SELECT;
            }
            ready = selectNow.get();
        }
        return ready;
    }
}
