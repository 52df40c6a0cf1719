package io.dmio.mirror;

import io.dmio.concurrent.DrainLoop;
import java.util.Queue;
import java.util.function.Consumer;
import reactor.util.concurrent.Queues;

/**
 * The one owner of a mirror's state. Events are told from any thread and run one at a time, in the order they came, by
 * whoever finds nobody else at it: no thread of its own, so no hop. What runs in an event needs no lock, and an event told
 * from within another runs after it, so nothing nests.
 */
final class Mailbox {

    /** One whose teller has to hear of it when it does not run any more. */
    interface Event extends Runnable {
        /** Instead of a run, in its turn: the mailbox is dead. */
        void dropped();
    }

    private final Consumer<Throwable> failed;

    private final Queue<Runnable> events =
            Queues.<Runnable>unboundedMultiproducer().get();
    private final DrainLoop loop = new DrainLoop(this::runNext);
    private volatile boolean dead;
    private volatile boolean paused;

    /**
     * An empty one.
     *
     * @param failed told what an event threw: nobody knows what it left half done, so no other event runs after it
     */
    Mailbox(Consumer<Throwable> failed) {
        this.failed = failed;
    }

    /** Runs the event now, or lets the thread that is at it run it. */
    void tell(Runnable event) {
        events.offer(event);
        loop.run();
    }

    /** From now on events are dropped: the process that owned the mirror is gone, as far as a simulation is concerned. */
    void die() {
        dead = true;
    }

    /** From now on events wait: the process is held up, as far as a simulation is concerned. */
    void pause() {
        paused = true;
    }

    /** Events that waited run now. */
    void goOn() {
        paused = false;
        loop.run();
    }

    private boolean runNext() {
        if (paused) {
            return false;
        }
        Runnable event = events.poll();
        if (event == null) {
            return false;
        }
        if (!dead) {
            try {
                event.run();
            } catch (RuntimeException | Error thrown) {
                dead = true;
                failed.accept(thrown);
            }
        } else if (event instanceof Event told) {
            told.dropped();
        }
        return true;
    }
}
