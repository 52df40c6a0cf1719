package io.dmio.engine;

import io.dmio.BlockOp;
import io.dmio.DeviceException;
import io.dmio.PagePool;
import io.dmio.Sectors;
import io.dmio.concurrent.Dropped;
import io.dmio.memory.Bytes;
import io.netty.buffer.ByteBuf;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Operators;

/**
 * One subscription to one operation, from the caller to the kernel and back. Holds the caller's memory from subscribe until the kernel has
 * answered, and releases it before it signals.
 *
 * <p>A hand-written {@code Subscription}, because this is the path of every I/O: it is the queue entry, the request state and the
 * subscription in one object, where {@code Mono.create} would be five. Two parties race, the canceller and the engine, and one
 * compare-and-set decides: {@code QUEUED → WITHDRAWN} (cancelled first: memory is released at once and nothing reaches the file) or
 * {@code QUEUED → STARTED} (runs out, {@code → DETACHED} if cancelled later: no signal). The race is tested in {@code EngineRaceTest}.
 */
abstract class FileOp implements Subscription, Runnable {

    private static final int QUEUED = 0;
    private static final int STARTED = 1;
    private static final int DETACHED = 2;
    private static final int WITHDRAWN = 3;

    private static final AtomicIntegerFieldUpdater<FileOp> STATE =
            AtomicIntegerFieldUpdater.newUpdater(FileOp.class, "state");

    private final BlockOp op;
    private final CoreSubscriber<? super Void> actual;
    private volatile int state;
    private boolean lent; // by the subscriber, which waits

    private @Nullable ByteBuf memory; // the caller's, retained
    private @Nullable ByteBuf bounce; // ours, if the device cannot take the caller's

    /**
     * Retains the operation's memory.
     *
     * @throws io.netty.util.IllegalReferenceCountException if the memory was released before
     */
    FileOp(BlockOp op, CoreSubscriber<? super Void> actual) {
        this.op = op;
        this.actual = actual;
        if (op instanceof BlockOp.Read read) {
            this.memory = read.into().retain();
        } else if (op instanceof BlockOp.Write write) {
            this.memory = write.from().retain();
        }
    }

    /** Prepares the calls. The memory, null if there is none, suits the device, and stays where it is until {@link #forget}. */
    abstract void prepare(BlockOp op, @Nullable ByteBuf bytes);

    /** Makes all remaining calls on this thread, which blocks. Throws the failure. */
    abstract void callRest();

    /** Releases what was prepared, if anything was. */
    abstract void forget();

    /** Returns the file, whose gate was entered before, and is exited when this operation ends. */
    abstract OpenFile file();

    /** Returns the operation. */
    final BlockOp asked() {
        return op;
    }

    BlockOp.Kind kind() {
        return op.kind();
    }

    /** Returns whether it was cancelled before anything was started for it. */
    boolean isWithdrawn() {
        return state == WITHDRAWN;
    }

    /**
     * Takes the operation out of the canceller's reach and prepares its first call; copies memory that the device cannot take.
     *
     * @return false if there is nothing to do: withdrawn, or failed and signalled
     */
    boolean begin() {
        if (!STATE.compareAndSet(this, QUEUED, STARTED)) {
            return false;
        }
        try {
            ByteBuf bytes = memory;
            if (bytes != null && !PagePool.isAligned(bytes, file().info().memoryAlignmentBytes())) {
                bounce = PagePool.shared().allocateBounce(transferBytes());
                if (op.kind() == BlockOp.Kind.WRITE) {
                    Bytes.copy(bytes, 0, bounce, 0, transferBytes());
                }
                bytes = bounce;
            }
            prepare(op, bytes);
            return true;
        } catch (Throwable thrown) {
            end(thrown);
            return false;
        }
    }

    /** Ends the operation with a failure before its start: it could not even be queued. */
    void reject(Throwable thrown) {
        if (STATE.compareAndSet(this, QUEUED, STARTED)) {
            end(thrown);
        }
    }

    /** Performs the whole operation on this thread, which blocks. */
    @Override
    public void run() {
        if (begin()) {
            runRest();
        }
    }

    /** Performs it on the subscriber's own thread: what the subscriber throws reaches the caller of {@code subscribe}. */
    void runLent() {
        lent = true;
        run();
    }

    /** Makes all remaining calls on this thread, which blocks, and ends the operation; between {@link #begin} and {@link #end}. */
    final void runRest() {
        Throwable failure = null;
        try {
            callRest();
        } catch (Throwable thrown) {
            failure = thrown;
        }
        end(failure);
    }

    /** Returns the length of a read or write. */
    private int transferBytes() {
        return (int) Sectors.toBytes(op.sectorCount());
    }

    /**
     * Ends the operation, which the kernel has answered: releases everything, then signals.
     *
     * @param failure null if all bytes were transferred
     */
    void end(@Nullable Throwable failure) {
        Throwable result = failure;
        try {
            if (result == null && bounce != null && memory != null && op.kind() == BlockOp.Kind.READ) {
                Bytes.copy(bounce, 0, memory, 0, transferBytes());
            }
        } catch (Throwable thrown) {
            result = thrown;
        }
        try {
            free();
        } catch (Throwable thrown) {
            result = thrown;
        }
        if (state != DETACHED) {
            signal(result);
        }
    }

    private void free() {
        try {
            freeMemory();
        } finally {
            file().gate().exit(); // even if a caller released what was not its own
        }
    }

    private void freeMemory() {
        forget();
        if (bounce != null) {
            bounce.release();
            bounce = null;
        }
        if (memory != null) {
            memory.release();
            memory = null;
        }
    }

    private void signal(@Nullable Throwable failure) {
        if (lent) {
            tell(failure);
            return;
        }
        try {
            tell(failure);
        } catch (Throwable thrown) { // which must not stop the thread that serves all the others
            Dropped.error(thrown, actual.currentContext());
        }
    }

    private void tell(@Nullable Throwable failure) {
        if (failure == null) {
            actual.onComplete();
        } else {
            actual.onError(DeviceException.wrap(file().info().name(), op, failure));
        }
    }

    /** Does nothing: completion carries no value to count. */
    @Override
    public void request(long n) {
        Operators.validate(n);
    }

    /** Withdraws the operation if nothing was started; otherwise only stops the signals. */
    @Override
    public void cancel() {
        if (STATE.compareAndSet(this, QUEUED, WITHDRAWN)) {
            free();
        } else {
            STATE.compareAndSet(this, STARTED, DETACHED);
        }
    }
}
