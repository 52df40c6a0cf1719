package io.dmio.concurrent;

import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Tells loops when it is time to look for what is late: one daemon thread for the whole process, {@code dmio-clock-1}, which sleeps while
 * nothing is under way. A timer of a loop itself would go into its ring before each sleep, as an entry, a timer of the kernel and a
 * completion more for each operation that the loop waits for.
 */
public final class LookClock {

    private static final ScheduledThreadPoolExecutor CLOCK = new ScheduledThreadPoolExecutor(1, task -> {
        Thread thread = new Thread(task, "dmio-clock-1");
        thread.setDaemon(true);
        return thread;
    });

    private LookClock() {}

    /** Starts the thread if there is none yet. Throws if the system has none to give; from then on, {@link #tell} needs none. */
    public static void start() {
        CLOCK.prestartCoreThread();
    }

    /** Calls once, after so long. What the call throws is dropped: it hands a task to a loop, which may have ended. */
    public static void tell(Runnable call, long nanos) {
        var unused = CLOCK.schedule(call, nanos, TimeUnit.NANOSECONDS);
    }
}
