package io.dmio.mirror;

import io.dmio.DeviceException;
import org.jspecify.annotations.Nullable;

/** A task that waits for operations on legs. It is told in the mailbox, once for each operation. */
interface LegTask {

    /**
     * Called when the leg answered, or was dropped before it did.
     *
     * @param op the operation
     * @param failure null if all went well
     */
    void answered(LegOp op, @Nullable DeviceException failure);

    /**
     * Called when the deadline passed without an answer and nothing else has happened yet. At most once.
     *
     * @param op the operation
     */
    void overdue(LegOp op);

    /** The kind of work it does on legs, for counting errors. */
    Work work();

    /** Kinds of work that errors are counted by. */
    enum Work {
        READ,
        WRITE,
        FLUSH,
        SYNC,
        METADATA
    }
}
