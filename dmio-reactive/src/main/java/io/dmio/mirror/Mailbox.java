package io.dmio.mirror;

import java.util.Queue;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.util.concurrent.Queues;

/**
 * The one owner of a mirror's state. Events are told from any thread and run one at a time, in the order they came, by
 * whoever finds nobody else at it: no thread of its own, so no hop. What runs in an event needs no lock, and an event told
 * from within another runs after it, so nothing nests.
 */
final class Mailbox {

    private static final Logger LOG = LoggerFactory.getLogger(Mailbox.class);

    private final Queue<Runnable> events =
            Queues.<Runnable>unboundedMultiproducer().get();
    private final AtomicInteger waiting = new AtomicInteger();
    private volatile boolean dead;

    /** Runs the event now, or lets the thread that is at it run it. */
    void tell(Runnable event) {
        events.offer(event);
        if (waiting.getAndIncrement() != 0) {
            return;
        }
        int seen = 1;
        do {
            Runnable next = events.poll();
            while (next != null) {
                run(next);
                next = events.poll();
            }
            seen = waiting.addAndGet(-seen);
        } while (seen != 0);
    }

    /** From now on events are dropped: the process that owned the mirror is gone, as far as a simulation is concerned. */
    void die() {
        dead = true;
    }

    private void run(Runnable event) {
        if (dead) {
            return;
        }
        try {
            event.run();
        } catch (RuntimeException | Error thrown) {
            LOG.error("a mirror's event threw; this is a bug, and the mirror goes on", thrown);
        }
    }
}
