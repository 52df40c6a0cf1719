package io.dmio.device;

import io.dmio.BlockOp;
import io.dmio.DeviceException;
import io.dmio.LentThread;
import io.dmio.PagePool;
import io.dmio.Sectors;
import io.dmio.concurrent.Dropped;
import io.dmio.memory.Bytes;
import io.netty.buffer.ByteBuf;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.Disposable;
import reactor.core.publisher.Operators;
import reactor.util.context.Context;

/**
 * One operation and its time. Answer, deadline and cancel race, and one compare-and-set decides which of them tells the subscriber and
 * releases memory. Written by hand, as {@code timeout} would cancel the device's operation, and then nobody would hear when a late one ends.
 */
final class Deadline implements CoreSubscriber<Void>, Subscription {

    private static final int WAITING = 0;
    private static final int ANSWERED = 1;
    private static final int OVERDUE = 2;
    private static final int CANCELLED = 3;

    private final BlockOp op; // as the device behind is asked
    private final CoreSubscriber<? super Void> actual;
    private final DeadlineDevice of;
    private final AtomicInteger state = new AtomicInteger(WAITING);
    private final @Nullable ByteBuf into; // the subscriber's, retained; of a read
    private final @Nullable ByteBuf own; // what is read into meanwhile
    private final AtomicReference<@Nullable ByteBuf>
            asked; // what the device is asked with, retained until it has been asked
    private volatile @Nullable Disposable timer;
    private volatile @Nullable Subscription device;

    /**
     * Retains the memory.
     *
     * @throws io.netty.util.IllegalReferenceCountException if the memory was released before
     */
    Deadline(BlockOp given, CoreSubscriber<? super Void> actual, DeadlineDevice of) {
        this.actual = actual;
        this.of = of;
        if (given instanceof BlockOp.Read read && read.sectorCount() > 0) {
            ByteBuf mine = PagePool.shared().allocate((int) Sectors.toBytes(read.sectorCount()));
            try {
                this.into = read.into().retain();
            } catch (RuntimeException released) {
                mine.release();
                throw released;
            }
            this.own = mine;
            this.op = new BlockOp.Read(read.sector(), mine);
        } else {
            this.into = null;
            this.own = null;
            this.op = given;
        }
        ByteBuf memory = given instanceof BlockOp.Write write ? write.from() : own;
        this.asked = new AtomicReference<>(memory == null ? null : memory.retain());
    }

    /**
     * Starts the clock, then asks the device. If the time is over, or a cancel comes, before the device has its own reference, the subscriber
     * is told and its memory released while the device is being asked: that memory may be in other use by then, and must not be read or
     * filled here.
     */
    void start() {
        try {
            begin();
        } finally {
            isAsked();
        }
    }

    private void isAsked() {
        ByteBuf memory = asked.getAndSet(null);
        if (memory != null) {
            memory.release();
        }
    }

    private void begin() {
        actual.onSubscribe(this);
        if (state.get() != WAITING) {
            return;
        }
        try {
            timer = of.atDeadline(this::isLate);
        } catch (Throwable noClock) {
            answered(noClock);
            return;
        }
        int now = state.get();
        if (now == OVERDUE) {
            of.isOverdueNoMore(); // nobody was asked
        } else if (now == WAITING) {
            of.ask(op).subscribe(this);
        }
    }

    private void isLate() {
        of.becomesOverdue(); // first: the answer takes this back
        if (!state.compareAndSet(WAITING, OVERDUE)) {
            of.isOverdueNoMore();
            return;
        }
        free();
        try {
            actual.onError(of.late(op));
        } catch (Throwable thrown) { // which must not stop the clock of others
            Dropped.error(thrown, currentContext());
        }
    }

    @Override
    public void onSubscribe(Subscription ofDevice) {
        device = ofDevice;
        ofDevice.request(Long.MAX_VALUE);
        if (state.get() == CANCELLED) {
            ofDevice.cancel();
        }
    }

    @Override
    public void onNext(Void never) {}

    @Override
    public void onError(Throwable thrown) {
        answered(thrown);
    }

    @Override
    public void onComplete() {
        answered(null);
    }

    private void answered(@Nullable Throwable failure) {
        if (!state.compareAndSet(WAITING, ANSWERED)) {
            if (state.get() == OVERDUE) {
                of.isOverdueNoMore();
            }
            return;
        }
        stopTimer();
        isAsked();
        Throwable result = failure;
        try {
            if (failure == null && into != null && own != null) {
                Bytes.copy(own, 0, into, 0, own.capacity());
            }
        } catch (Throwable misused) {
            result = misused;
        }
        free();
        if (result == null) {
            actual.onComplete();
        } else {
            actual.onError(DeviceException.wrap(of.info().name(), op, result));
        }
    }

    private void free() {
        if (own != null) {
            own.release(); // the device behind has its own reference until it answers
        }
        if (into != null) {
            into.release();
        }
    }

    private void stopTimer() {
        Disposable running = timer;
        if (running != null) {
            running.dispose();
        }
    }

    // No lent thread: it would be stuck in the call, deadline or not.
    @Override
    public Context currentContext() {
        return LentThread.withdraw(actual.currentContext());
    }

    @Override
    public void request(long n) {
        Operators.validate(n); // nothing to count: completion carries no value
    }

    @Override
    public void cancel() {
        if (!state.compareAndSet(WAITING, CANCELLED)) {
            return;
        }
        stopTimer();
        free();
        Subscription begun = device;
        if (begun != null) {
            begun.cancel();
        }
    }
}
