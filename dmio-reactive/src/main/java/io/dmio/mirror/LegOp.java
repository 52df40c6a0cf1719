package io.dmio.mirror;

import io.dmio.DeviceException;
import io.dmio.Errno;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;

/**
 * One operation on its way to one leg, and the event of its answer. A subscriber of its own, since the answer goes into the
 * mailbox and nowhere else: no operator is needed, and a write costs one object a leg ({@code MirrorSimulationTest}).
 */
final class LegOp implements CoreSubscriber<Void>, Runnable {

    final Leg leg;
    final LegTask task;

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

    LegOp(Leg leg, LegTask task, long startNanos) {
        this.leg = leg;
        this.task = task;
        this.startNanos = startNanos;
    }

    @Override
    public void onSubscribe(Subscription subscription) {
        subscription.request(Long.MAX_VALUE);
    }

    @Override
    public void onNext(Void never) {}

    @Override
    public void onError(Throwable failure) {
        thrown = failure;
        leg.runtime.tell(this);
    }

    @Override
    public void onComplete() {
        leg.runtime.tell(this);
    }

    /** In the mailbox. */
    @Override
    public void run() {
        leg.answered(this);
    }

    /** What went wrong, or null. */
    @Nullable
    DeviceException failure() {
        Throwable failure = thrown;
        if (failure == null) {
            return null;
        }
        return failure instanceof DeviceException known
                ? known
                : DeviceException.of(Errno.EIO, leg.name(), "the leg threw " + failure);
    }
}
