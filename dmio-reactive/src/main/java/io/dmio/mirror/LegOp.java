package io.dmio.mirror;

import io.dmio.BlockDevice;
import io.dmio.BlockOp;
import io.dmio.DeviceException;
import io.dmio.FreshRead;
import io.dmio.concurrent.Answer;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.util.context.Context;

/**
 * One operation on its way to one leg, and the event of its answer. Whatever the device does, there is one answer, and
 * it goes into the mailbox and nowhere else. So no operator is needed, and a write costs one object per leg.
 */
final class LegOp extends Answer implements Runnable {

    final Leg leg;
    final LegTask task;
    private final BlockDevice device;
    private final BlockOp op;

    // owned by the mailbox
    long startNanos;
    boolean held; // the leg has not been asked yet
    boolean overdue;
    boolean detached; // its task was told already

    @Nullable
    LegOp older;

    @Nullable
    LegOp newer;

    private @Nullable Throwable thrown;

    /**
     * Creates an operation that has not been asked for yet.
     *
     * @param device the device to ask: the leg's, or one with fallbacks for what that cannot do
     */
    LegOp(Leg leg, LegTask task, BlockDevice device, BlockOp op) {
        this.leg = leg;
        this.task = task;
        this.device = device;
        this.op = op;
        this.startNanos = leg.runtime.nanos();
    }

    @Override
    protected Mono<?> assemble() {
        DeviceException refusal = leg.calls.refusal(task);
        return refusal == null ? device.submit(op) : Mono.error(refusal);
    }

    // Others may have written there something else than a cache of this machine remembers.
    @Override
    public Context currentContext() {
        return task.work() == LegTask.Work.METADATA ? FreshRead.asked() : Context.empty();
    }

    @Override
    protected void ended(@Nullable Throwable failure) {
        thrown = failure;
        leg.runtime.tell(this);
    }

    /** Hands the answer to the leg, in the mailbox. */
    @Override
    public void run() {
        leg.answered(this);
    }

    /** What went wrong, or null. */
    @Nullable
    DeviceException failure() {
        Throwable failure = thrown;
        return failure == null ? null : DeviceException.wrap(leg.name(), op, failure);
    }
}
