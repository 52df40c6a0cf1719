package io.dmio.concurrent;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * Lets overlapping ranges of sectors pass one after the other, in the order they came, and all others at once. This keeps the legs of a
 * mirror from diverging, as two overlapping writes in flight could reach two legs in different orders; and it lets a block be read, changed
 * and written back. Safe from any thread; no thread is blocked, and no waiter is forgotten, whatever the actions under a lock throw.
 */
public final class RangeLock {

    private final Executor executor;
    private final boolean serial;
    private @Nullable Range newest; // guarded by this, as are all fields of ranges

    /**
     * Creates a lock that is not held.
     *
     * @param executor runs those whose turn has come; may run them at once
     */
    public RangeLock(Executor executor) {
        this(executor, true);
    }

    /**
     * Creates a lock that is not held, or one that locks nothing.
     *
     * @param executor runs those whose turn has come; may run them at once
     * @param serial false lets every range pass, to show that a simulation notices
     */
    public RangeLock(Executor executor, boolean serial) {
        this.executor = executor;
        this.serial = serial;
    }

    /** A range that waits or passes, until it is unlocked; for one use. */
    public static final class Range {
        private final long from;
        private final long to;
        private final Runnable locked;
        private @Nullable List<Range> after; // most ranges have none behind them
        private int before; // the number of ranges that it waits for
        private @Nullable Range older;
        private @Nullable Range newer;
        private boolean left;

        /**
         * Creates a range that is not waiting yet.
         *
         * @param sector the first
         * @param count how many
         * @param locked run once, by the lock's executor, when its turn has come
         */
        public Range(long sector, long count, Runnable locked) {
            this.from = sector;
            this.to = sector + count;
            this.locked = locked;
        }

        private void hasBehind(Range waiting) {
            List<Range> all = after == null ? new ArrayList<>(1) : after;
            after = all;
            all.add(waiting);
        }
    }

    /**
     * Waits until no range that came before overlaps; never longer.
     *
     * @param sector the first
     * @param count how many
     * @param locked run once, by the executor, when its turn has come
     * @return to be unlocked once it was locked
     * @throws RejectedExecutionException if the executor takes nothing any more; as whatever else is thrown from here, it leaves nothing
     *     locked
     */
    public Range lock(long sector, long count, Runnable locked) {
        Range range = new Range(sector, count, locked);
        if (enter(range)) {
            try {
                executor.execute(locked);
            } catch (RuntimeException | Error thrown) { // nobody gets the range, to unlock it
                unlock(range);
                throw thrown;
            }
        }
        return range;
    }

    /**
     * Locks a range at once, without the executor, if no range that came before overlaps; otherwise waits as by {@link #lock}.
     *
     * @param range to be unlocked once it was locked
     * @return whether its turn is now, and the caller does what {@code locked} would
     */
    public synchronized boolean enter(Range range) {
        // There are as many ranges as are in flight, which budgets
        // bound: a scan of some dozens is cheaper than keeping a tree.
        for (Range other = newest; other != null && serial; other = other.older) {
            if (other.from < range.to && range.from < other.to) {
                other.hasBehind(range);
                range.before++;
            }
        }
        range.older = newest;
        if (newest != null) {
            newest.newer = range;
        }
        newest = range;
        return range.before == 0;
    }

    /**
     * Lets the ranges behind it pass. A range that the executor does not take any more is passed over, as nobody would unlock it.
     *
     * @param range a range that was locked; unlocking it again is harmless
     * @throws RuntimeException what the first of the ranges that were run at once threw, after all others had their turn
     */
    public void unlock(Range range) {
        List<Range> next = leave(range);
        if (!next.isEmpty()) {
            pass(next);
        }
    }

    private void pass(List<Range> ranges) {
        Throwable first = null;
        Queue<Range> free = new ArrayDeque<>(ranges);
        for (Range next = free.poll(); next != null; next = free.poll()) {
            try {
                executor.execute(next.locked);
            } catch (RejectedExecutionException over) {
                first = first == null ? over : first;
                free.addAll(leave(next));
            } catch (RuntimeException | Error thrown) {
                first = first == null ? thrown : first;
            }
        }
        if (first instanceof Error error) {
            throw error;
        }
        if (first != null) {
            throw (RuntimeException) first;
        }
    }

    private synchronized List<Range> leave(Range range) {
        if (range.left) {
            return List.of();
        }
        range.left = true;
        if (range.newer == null) {
            newest = range.older;
        } else {
            range.newer.older = range.older;
        }
        if (range.older != null) {
            range.older.newer = range.newer;
        }
        range.older = null;
        range.newer = null;
        List<Range> after = range.after;
        if (after == null) {
            return List.of();
        }
        List<Range> free = new ArrayList<>(after.size());
        for (Range waiting : after) {
            if (--waiting.before == 0) {
                free.add(waiting);
            }
        }
        return free;
    }
}
