package io.dmio.mirror;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Lets overlapping ranges of sectors pass one after the other, in the order they came, and all others at once. That is what
 * keeps legs from diverging: two overlapping writes in flight could reach two legs in different orders. Owned by the mailbox.
 */
final class RangeLock {

    private final Mailbox mailbox;
    private final boolean serial;
    private @Nullable Range newest;

    /**
     * @param mailbox runs those whose turn has come
     * @param serial false lets everybody pass, to show that a simulation notices
     */
    RangeLock(Mailbox mailbox, boolean serial) {
        this.mailbox = mailbox;
        this.serial = serial;
    }

    /** A range that waits or passes, until it is unlocked. */
    static final class Range {
        private final long from;
        private final long to;
        private final Runnable locked;
        private final List<Range> after = new ArrayList<>(0);
        private int before; // how many it waits for
        private @Nullable Range older;
        private @Nullable Range newer;

        private Range(long sector, long count, Runnable locked) {
            this.from = sector;
            this.to = sector + count;
            this.locked = locked;
        }
    }

    /**
     * Waits until nobody before overlaps; never longer.
     *
     * @param sector the first
     * @param count how many
     * @param locked its turn has come: in the mailbox, after this call
     * @return to be unlocked once it was locked
     */
    Range lock(long sector, long count, Runnable locked) {
        Range range = new Range(sector, count, locked);
        // As many as are in flight, which budgets bound: a scan of some dozens is cheaper than keeping a tree.
        for (Range other = newest; other != null && serial; other = other.older) {
            if (other.from < range.to && range.from < other.to) {
                other.after.add(range);
                range.before++;
            }
        }
        range.older = newest;
        if (newest != null) {
            newest.newer = range;
        }
        newest = range;
        if (range.before == 0) {
            mailbox.tell(locked);
        }
        return range;
    }

    /** Lets those behind it pass. */
    void unlock(Range range) {
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
        for (Range waiting : range.after) {
            if (--waiting.before == 0) {
                mailbox.tell(waiting.locked);
            }
        }
    }
}
