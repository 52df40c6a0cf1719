package io.dmio.metrics;

import io.dmio.BlockOp;
import io.dmio.Errno;
import java.util.Optional;

/** A meter that is told everything and does nothing. */
enum NoMeter implements DeviceMeter {
    INSTANCE;

    @Override
    public void started(BlockOp op) {}

    @Override
    public void ended(BlockOp op, long nanos, Optional<Errno> errno) {}

    @Override
    public void cancelled(BlockOp op, long nanos) {}
}
