package io.dmio.mirror;

import io.dmio.DeviceException;
import org.jspecify.annotations.Nullable;

/** What waits for operations on legs. Told in the mailbox, once for each operation. */
interface LegTask {

    /**
     * The leg answered, or was dropped before it did.
     *
     * @param op the operation
     * @param failure null if all went well
     */
    void answered(LegOp op, @Nullable DeviceException failure);

    /**
     * The deadline passed without an answer; nothing else has happened yet. At most once.
     *
     * @param op the operation
     */
    void overdue(LegOp op);

    /** What it does on legs, for counting errors. */
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
