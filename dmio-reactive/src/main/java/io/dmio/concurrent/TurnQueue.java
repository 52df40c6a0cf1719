package io.dmio.concurrent;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;

/**
 * Runs tasks one after another on the thread that brings the first: tasks that come while one runs, from inside it or from another thread,
 * run after it and never inside it. The executor of a {@link RangeLock} whose turns may end at once, so that a long row of waiters does not
 * nest.
 */
public final class TurnQueue implements Executor {

    private final Queue<Runnable> turns = new ConcurrentLinkedQueue<>();
    private final DrainLoop loop = new DrainLoop(this::next);

    /** Creates an empty queue. */
    public TurnQueue() {}

    @Override
    public void execute(Runnable turn) {
        turns.offer(turn);
        loop.run();
    }

    private boolean next() {
        Runnable turn = turns.poll();
        if (turn != null) {
            turn.run();
        }
        return turn != null;
    }
}
