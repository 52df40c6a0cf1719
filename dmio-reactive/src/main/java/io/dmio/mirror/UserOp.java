package io.dmio.mirror;

import io.dmio.BlockOp;
import io.dmio.DeviceException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Operators;

/**
 * One subscription to one operation of a user, and the event of its start. It is inside the gate until it is over, and waits until it is
 * answered. What it holds is the mirror's from the start until it is over, whatever the user does meanwhile. It is one object and in no set,
 * because every write takes this path ({@code Mono.create} and two sets took a tenth of the time).
 */
final class UserOp extends UserOps.Open implements Subscription, Mailbox.Event, WriteRun.Told {

    private final Mirror mirror;
    private final BlockOp op;
    private final CoreSubscriber<? super Void> caller;
    private ByteBuf bytes = Unpooled.EMPTY_BUFFER; // to write from, or to read into
    private volatile boolean left; // nobody waits for the answer
    private volatile @Nullable ZeroRun zeroes; // ends early when nobody waits

    // owned by the mailbox
    private boolean isAnswered;
    private boolean isOver; // no leg has it in flight

    UserOp(Mirror mirror, BlockOp op, CoreSubscriber<? super Void> caller) {
        this.mirror = mirror;
        this.op = op;
        this.caller = caller;
    }

    /**
     * Takes hold of its memory: the caller's to read into, or what legs write from.
     *
     * @throws io.netty.util.IllegalReferenceCountException if the memory was released before
     * @throws OutOfMemoryError if there is no memory for a copy
     */
    void hold() {
        if (op instanceof BlockOp.Read read) {
            bytes = read.into().retain();
        } else {
            bytes = WriteRun.bytesOf(op, mirror.runtime().options());
        }
    }

    boolean hasLeft() {
        return left;
    }

    /** Begins the operation, in the mailbox. */
    @Override
    public void run() {
        mirror.runtime().users().add(this);
        mirror.throttle().used();
        switch (op.kind()) {
            case READ -> ReadRun.start(mirror.reads(), (BlockOp.Read) op, 0, this::ended);
            case FLUSH -> mirror.flushForUser(this::ended);
            case WRITE, DISCARD, WRITE_ZEROES -> write();
        }
    }

    private void write() {
        if (ZeroRun.isLong(op, mirror.runtime().options())) {
            ZeroRun run = new ZeroRun(mirror.writes(), mirror.throttle(), op, this::ended);
            zeroes = run;
            if (left) {
                run.stop();
            }
            run.start();
        } else {
            new WriteRun(mirror.writes(), op, bytes, this).start();
        }
    }

    /** Called in the mailbox instead of a start: the mirror failed inside, and nothing happens any more. */
    @Override
    public void dropped() {
        free();
        mirror.runtime().gate().exit();
        DeviceException why = mirror.runtime().answers().broken();
        if (why != null) { // otherwise the process is gone, as far as a simulation is concerned
            tell(why);
        }
    }

    @Override
    public void answered(@Nullable DeviceException problem) {
        if (!isAnswered) {
            isAnswered = true;
            leave();
            tell(problem);
        }
    }

    @Override
    public void over() {
        isOver = true;
        leave();
        free();
        mirror.runtime().gate().exit();
    }

    // An operation that is over may wait until it is known who the owner is; one that is answered may lag behind on a
    // leg.
    private void leave() {
        if (isOver && isAnswered) {
            mirror.runtime().users().remove(this);
        }
    }

    /** Answers an operation that is over with its answer. */
    private void ended(@Nullable DeviceException problem) {
        mirror.owner().answer(problem, owned -> {
            over();
            answered(owned);
        });
    }

    @Override
    void fail(DeviceException why) {
        answered(why);
    }

    @Override
    void free() {
        ByteBuf held = bytes;
        bytes = Unpooled.EMPTY_BUFFER;
        held.release();
    }

    /** Tells the caller, which may not throw; if it does, that is its own affair. */
    void tell(@Nullable Throwable problem) {
        if (left) {
            return;
        }
        try {
            if (problem == null) {
                caller.onComplete();
            } else {
                caller.onError(problem);
            }
        } catch (Throwable thrown) {
            Answers.threw(thrown);
        }
    }

    /** Counts nothing, as completion carries no value. */
    @Override
    public void request(long n) {
        Operators.validate(n);
    }

    /** Ends the waiting, but nothing that has begun, except zeroes that are long. */
    @Override
    public void cancel() {
        left = true;
        ZeroRun run = zeroes;
        if (run != null) {
            run.stop();
        }
    }
}
