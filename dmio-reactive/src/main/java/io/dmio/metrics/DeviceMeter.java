package io.dmio.metrics;

import io.dmio.BlockOp;
import io.dmio.Errno;
import java.util.Objects;
import java.util.Optional;

/**
 * Hears of every operation of a {@link MeteredDevice}: {@link #started}, then exactly one of {@link #ended} and
 * {@link #cancelled}. Called on the threads that subscribe, complete and cancel, many at once; it must not block or throw.
 */
public interface DeviceMeter {

    /**
     * An operation was subscribed to.
     *
     * @param op which; its memory is the caller's and not to be looked at
     */
    void started(BlockOp op);

    /**
     * An operation was answered. Called before the subscriber hears.
     *
     * @param op which
     * @param nanos from subscribe to answer
     * @param errno empty for success; EIO for a failure that carried none
     */
    void ended(BlockOp op, long nanos, Optional<Errno> errno);

    /**
     * The subscriber left before the answer. The device may still be at work; nobody will hear how it ended.
     *
     * @param op which
     * @param nanos from subscribe to cancel
     */
    void cancelled(BlockOp op, long nanos);

    /**
     * A meter that tells two others.
     *
     * @param second told after this one
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
     * A meter that does nothing, for JFR events alone.
     *
     * @return always the same
     */
    static DeviceMeter none() {
        return NoMeter.INSTANCE;
    }
}
