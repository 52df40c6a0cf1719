package io.dmio.mirror;

import io.dmio.DeviceException;
import org.jspecify.annotations.Nullable;

/**
 * Users' operations that are not over, or not answered. They are kept so that nobody waits for ever, and no memory
 * stays, when the mirror fails inside. Owned by the mailbox.
 */
final class UserOps {

    private @Nullable Open newest;
    private int count;

    /** One such operation; it is in no more than one list. */
    abstract static class Open {
        private @Nullable Open older;
        private @Nullable Open newer;

        /** Gives back what it holds. */
        abstract void free();

        /** Tells whoever waits for it, if it has not been answered. */
        abstract void fail(DeviceException why);
    }

    void add(Open op) {
        op.older = newest;
        if (newest != null) {
            newest.newer = op;
        }
        newest = op;
        count++;
    }

    void remove(Open op) {
        if (op.newer == null) {
            newest = op.older;
        } else {
            op.newer.older = op.older;
        }
        if (op.older != null) {
            op.older.newer = op.newer;
        }
        op.older = null;
        op.newer = null;
        count--;
    }

    /** How many operations there are. */
    int count() {
        return count;
    }

    /** Gives back what they hold, as nothing happens any more. */
    void free() {
        for (Open op = newest; op != null; op = op.older) {
            op.free();
        }
    }

    /** Tells all who wait. */
    void fail(DeviceException why) {
        for (Open op = newest; op != null; ) {
            Open next = op.older; // op may leave the list
            op.fail(why);
            op = next;
        }
    }
}
