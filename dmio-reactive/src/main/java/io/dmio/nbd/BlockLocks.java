package io.dmio.nbd;

import io.dmio.DrainLoop;
import io.dmio.RangeLock;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** The range lock of an export, over all of its connections. Who gets his turn runs at once, but never inside another. */
final class BlockLocks {

    private final Queue<Runnable> turns = new ConcurrentLinkedQueue<>();
    private final DrainLoop loop = new DrainLoop(this::next);
    private final RangeLock ranges = new RangeLock(this::run);

    void lock(RangeLock.Range range) {
        ranges.lock(range);
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
