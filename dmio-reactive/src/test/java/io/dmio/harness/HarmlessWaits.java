package io.dmio.harness;

import java.util.List;
import reactor.blockhound.BlockHound;
import reactor.blockhound.integration.BlockHoundIntegration;

/** Waits of others that end at once, and which BlockHound would otherwise make an exception in the middle of their work. */
public final class HarmlessWaits implements BlockHoundIntegration {

    // Reactor itself allows this for tasks that run once, and forgot those that run again and again. What is thrown
    // there is
    // thrown by a cancel, and leaves undone whatever the cancel had yet to do.
    private static final List<String> TIMERS =
            List.of("PeriodicSchedulerTask", "PeriodicWorkerTask", "InstantPeriodicWorkerTask");

    @Override
    public void applyTo(BlockHound.Builder builder) {
        // A ring that is torn down spins until wake-ups that are on their way have come, with no I/O left.
        builder.allowBlockingCallsInside("io.netty.channel.uring.IoUringIoHandler", "destroy");
        // A timer that is cancelled waits for the lock of its scheduler's queue.
        // The kernel's random bytes are there at once; an identity takes some as a server starts, on whatever thread
        // that is.
        builder.allowBlockingCallsInside("java.util.UUID", "randomUUID");
        TIMERS.forEach(timer -> builder.allowBlockingCallsInside("reactor.core.scheduler." + timer, "dispose"));
    }
}
