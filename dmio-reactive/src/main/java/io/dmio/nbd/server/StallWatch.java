package io.dmio.nbd.server;

import io.netty.util.concurrent.EventExecutor;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Cuts clients that hold pages for which others stand in line, and neither send the rest of a write nor take their answers. Looks
 * only while somebody stands in line; who stalls is cut after one to two periods of that.
 */
@SuppressWarnings("FutureReturnValueIgnored") // of its timer
final class StallWatch {

    private final ServerPages pages;
    private final Set<ServerSession> sessions;
    private final long periodNanos;
    private final AtomicBoolean watching = new AtomicBoolean();

    StallWatch(ServerPages pages, Set<ServerSession> sessions, Duration period) {
        this.pages = pages;
        this.sessions = sessions;
        this.periodNanos = period.toNanos();
    }

    /** Whether somebody stands in line. */
    boolean isWaitedFor() {
        return pages.isWaitedFor();
    }

    /** Somebody stands in line: halves of writes make do with less, and who stalls is watched. */
    void start(EventExecutor timer) {
        if (pages.isNews()) {
            sessions.forEach(ServerSession::lend);
        }
        if (watching.compareAndSet(false, true)) {
            timer.schedule(() -> look(timer), periodNanos, TimeUnit.NANOSECONDS); // first: it goes on whatever happens
            sessions.forEach(session -> session.look(periodNanos));
        }
    }

    private void look(EventExecutor timer) {
        watching.set(false);
        if (pages.isWaitedFor()) { // who comes to the line from here on starts it himself
            start(timer);
        }
    }
}
