package io.dmio.mirror;

import io.dmio.concurrent.DrainLoop;
import java.util.Queue;
import java.util.function.Consumer;
import reactor.util.concurrent.Queues;

/**
 * The one owner of a mirror's state. Any thread may bring an event. Events run one at a time, in the order they came,
 * on whichever thread finds no other thread running them: the mailbox has no thread of its own, so there is no hop.
 * Code in an event needs no lock. An event told from within another runs after it, so nothing nests.
 */
final class Mailbox {

    /** An event whose teller has to know if it will not run any more. */
    interface Event extends Runnable {
        /** Called in place of {@code run}, in the event's turn, if the mailbox is dead. */
        void dropped();
    }

    private final Consumer<Throwable> failed;

    private final Queue<Runnable> events =
            Queues.<Runnable>unboundedMultiproducer().get();
    private final DrainLoop loop = new DrainLoop(this::runNext);
    private volatile boolean dead;
    private volatile boolean paused;

    /**
     * Creates an empty mailbox.
     *
     * @param failed is given what an event threw; no other event runs after that, as nobody knows what was left half done
     */
    Mailbox(Consumer<Throwable> failed) {
        this.failed = failed;
    }

    /** Runs the event now, or leaves it to the thread that is running events. */
    void tell(Runnable event) {
        events.offer(event);
        loop.run();
    }

    /** Drops all events from now on: as far as a simulation is concerned, the process that owned the mirror is gone. */
    void die() {
        dead = true;
    }

    /** Lets events wait from now on: as far as a simulation is concerned, the process is held up. */
    void pause() {
        paused = true;
    }

    /** Runs the events that waited, and lets later ones run again. */
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
