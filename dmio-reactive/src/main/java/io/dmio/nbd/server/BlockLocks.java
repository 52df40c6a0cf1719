package io.dmio.nbd.server;

import io.dmio.concurrent.DrainLoop;
import io.dmio.concurrent.RangeLock;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * The range lock of an export, over all of its connections. Who waited runs where the one before him ended, but never inside
 * another of them.
 */
final class BlockLocks {

    private final Queue<Runnable> turns = new ConcurrentLinkedQueue<>();
    private final DrainLoop loop = new DrainLoop(this::next);
    private final RangeLock ranges = new RangeLock(this::run);

    /**
     * Goes first if nobody before overlaps, else waits; never longer.
     *
     * @return whether the caller's turn is now: he goes on where he is, as connections must not wait for each other's threads
     */
    boolean enter(RangeLock.Range range) {
        return ranges.enter(range);
    }

    void unlock(RangeLock.Range range) {
        ranges.unlock(range);
    }

    private void run(Runnable turn) {
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
