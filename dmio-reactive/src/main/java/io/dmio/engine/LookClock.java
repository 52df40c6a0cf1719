package io.dmio.engine;

import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Tells loops when it is time to look for late operations: one daemon thread for all engines of the process, {@code dmio-clock-1}, which
 * sleeps while no operation is in flight. A timer of the loop itself would go into the ring before each sleep, as an entry, a timer of the
 * kernel and a completion more for each operation that the loop waits for.
 */
final class LookClock {

    private static final ScheduledThreadPoolExecutor CLOCK =
            new ScheduledThreadPoolExecutor(1, new NamedThreads("dmio-clock"));

    private LookClock() {}

    /** Starts the thread if there is none yet. Throws if the system has none to give; from then on, {@link #tell} needs none. */
    static void start() {
        CLOCK.prestartCoreThread();
    }

    /** Calls once, when it is time. What the call throws is dropped: it hands a task to a loop, which may have ended. */
    static void tell(Runnable call) {
        var unused = CLOCK.schedule(call, RingWatch.LOOK_NANOS, TimeUnit.NANOSECONDS);
    }
}
