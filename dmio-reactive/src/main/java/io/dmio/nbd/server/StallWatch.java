package io.dmio.nbd.server;

import io.netty.util.concurrent.EventExecutor;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Cuts clients that hold pages for which others stand in line, and neither send the rest of a write nor take their answers. Looks only while
 * somebody stands in line; a client that stalls is cut after one to two periods of that. Clients that were in line and then stall in turn
 * would each take as long again, so while the line does not end, each period is half of the last, down to an eighth of the first.
 */
@SuppressWarnings("FutureReturnValueIgnored") // of its timer
final class StallWatch {

    private static final int HALVES_MAX = 3;

    /** The session of a client, which may hold what others wait for. From any thread. */
    interface Watched {

        /** Called when somebody stands in line: half of a write makes do with less. */
        void lend();

        /** Called when a period is over: a client that has stalled all through it is cut. */
        void look(long periodNanos);
    }

    private final ServerPages pages;
    private final Set<? extends Watched> sessions;
    private final long periodNanos;
    private volatile int round; // of looks at one line
    private final AtomicBoolean watching = new AtomicBoolean();

    StallWatch(ServerPages pages, Set<? extends Watched> sessions, Duration period) {
        this.pages = pages;
        this.sessions = sessions;
        this.periodNanos = period.toNanos();
    }

    /** Returns whether somebody stands in line. */
    boolean isWaitedFor() {
        return pages.isWaitedFor();
    }

    /** Called when somebody stands in line: halves of writes make do with less, and clients that stall are watched. */
    void start(EventExecutor timer) {
        if (pages.isNews()) {
            sessions.forEach(Watched::lend);
        }
        if (watching.compareAndSet(false, true)) {
            watch(timer, 0);
        }
    }

    private void watch(EventExecutor timer, int now) {
        long period = period(periodNanos, now);
        round = now;
        timer.schedule(() -> look(timer), period, TimeUnit.NANOSECONDS); // first, so that it goes on whatever happens
        sessions.forEach(session -> session.look(period));
    }

    /** Returns the time from one look to the next, which is how long a client may stall. */
    static long period(long first, int round) {
        return first >> Math.min(round, HALVES_MAX);
    }

    private void look(EventExecutor timer) {
        watching.set(false);
        if (pages.isWaitedFor()
                && watching.compareAndSet(false, true)) { // whoever joins it from here on starts it again
            watch(timer, round + 1);
        }
    }
}
