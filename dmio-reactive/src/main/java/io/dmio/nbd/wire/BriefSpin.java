package io.dmio.nbd.wire;

import io.netty.channel.SelectStrategy;
import io.netty.util.IntSupplier;
import java.util.function.LongSupplier;

/**
 * Looks for more work for a little while before a loop goes to sleep: a client that waits for one answer before it asks again does so within
 * microseconds, and waking a thread that sleeps on another core takes longer than answering. A loop where nothing happens looks once each
 * time it is woken, then sleeps and uses no processor time.
 */
final class BriefSpin implements SelectStrategy {

    /** The only instance: it has no state, so all loops share it. */
    static final BriefSpin INSTANCE = new BriefSpin(System::nanoTime);

    /** The turnaround time of a client; little compared with the cost of sleeping and being woken. */
    static final long NANOS = 40_000;

    private final LongSupplier nanoTime;

    BriefSpin(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /**
     * Looking is a system call: a pause like {@link Thread#onSpinWait()} beside it would save nothing, and tools that look for calls that
     * block an event loop would take it for one.
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
