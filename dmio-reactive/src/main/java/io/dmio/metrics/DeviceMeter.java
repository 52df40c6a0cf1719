package io.dmio.metrics;

import io.dmio.BlockOp;
import io.dmio.Errno;
import java.util.Objects;
import java.util.Optional;

/**
 * A meter of every operation of a {@link MeteredDevice}, which calls {@link #started}, then exactly one of {@link #ended} and
 * {@link #cancelled}. Called on the threads that subscribe, complete and cancel, many at once; it must not block or throw.
 */
public interface DeviceMeter {

    /**
     * Called when an operation was subscribed to.
     *
     * @param op the operation; its memory is the caller's and must not be looked at
     */
    void started(BlockOp op);

    /**
     * Called when an operation was answered, before the subscriber hears.
     *
     * @param op the operation
     * @param nanos from subscribe to answer
     * @param errno empty for success; EIO for a failure that carried none
     */
    void ended(BlockOp op, long nanos, Optional<Errno> errno);

    /**
     * Called when the subscriber left before the answer. The device may still be at work; nobody will hear how it ended.
     *
     * @param op the operation
     * @param nanos from subscribe to cancel
     */
    void cancelled(BlockOp op, long nanos);

    /**
     * Returns a meter that calls two others.
     *
     * @param second called after this one
     * @return both
     */
    default DeviceMeter and(DeviceMeter second) {
        DeviceMeter first = this;
        Objects.requireNonNull(second, "second");
        return new DeviceMeter() {
            @Override
            public void started(BlockOp op) {
                first.started(op);
                second.started(op);
            }

            @Override
            public void ended(BlockOp op, long nanos, Optional<Errno> errno) {
                first.ended(op, nanos, errno);
                second.ended(op, nanos, errno);
            }

            @Override
            public void cancelled(BlockOp op, long nanos) {
                first.cancelled(op, nanos);
                second.cancelled(op, nanos);
            }
        };
    }

    /**
     * Returns a meter that does nothing, for JFR events alone.
     *
     * @return always the same
     */
    static DeviceMeter none() {
        return NoMeter.INSTANCE;
    }
}
