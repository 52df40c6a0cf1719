package io.dmio.mirror;

import io.dmio.DrainLoop;
import java.util.Queue;
import reactor.util.concurrent.Queues;

/**
 * The one owner of a mirror's state. Events are told from any thread and run one at a time, in the order they came, by
 * whoever finds nobody else at it: no thread of its own, so no hop. What runs in an event needs no lock, and an event told
 * from within another runs after it, so nothing nests.
 */
final class Mailbox {

    private final Queue<Runnable> events =
            Queues.<Runnable>unboundedMultiproducer().get();
    private final DrainLoop loop = new DrainLoop(this::runNext);
    private volatile boolean dead;

    /** Runs the event now, or lets the thread that is at it run it. */
    void tell(Runnable event) {
        events.offer(event);
        loop.run();
    }

    /** From now on events are dropped: the process that owned the mirror is gone, as far as a simulation is concerned. */
    void die() {
        dead = true;
    }

    private boolean runNext() {
        Runnable event = events.poll();
        if (event == null) {
            return false;
        }
        if (!dead) {
            event.run();
        }
        return true;
    }
}
