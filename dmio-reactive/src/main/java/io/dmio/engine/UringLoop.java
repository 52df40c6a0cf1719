package io.dmio.engine;

import io.dmio.BlockOp;
import io.dmio.DeviceException;
import io.dmio.Errno;
import io.netty.channel.IoEvent;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoRegistration;
import io.netty.channel.uring.IoUringIoEvent;
import io.netty.channel.uring.IoUringIoHandle;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.util.concurrent.Queues;

/**
 * One ring, its thread, and one handle that serves every file on it. Operations from other threads are queued, and one task fetches a whole
 * burst; those from the loop itself (a completion that submits the next) go straight into the ring. The kernel is entered after every few
 * submissions ({@link UringEngine}), and at the end of a pass of the loop.
 *
 * <p>Everything below {@link #launch} runs on the loop. At most {@code slots} operations are in flight, fewer than the completion queue has
 * entries, so it never overflows; more wait in order of arrival. A slot number fits the 16 bits that Netty carries without a map, and finds
 * the operation when its completion comes.
 *
 * <p>An operation that the kernel does not begin within a second goes to the threads of its own file system, and so do others of its file for
 * a while: another file system, which hangs, holds the kernel's workers (see {@link RingWatch}).
 */
final class UringLoop implements SubmissionPath, IoUringIoHandle, Runnable {

    private static final Logger LOG = LoggerFactory.getLogger(UringLoop.class);

    /** The most operations taken back at one look: each takes an entry of the completion queue, too. */
    private static final int TAKEN_BACK_MAX = 1024;

    private final IoEventLoop loop;
    private final Consumer<Runnable> clock;

    private final Queue<SyscallOp> incoming =
            Queues.<SyscallOp>unboundedMultiproducer().get();
    private final AtomicBoolean fetching = new AtomicBoolean();

    private final @Nullable SyscallOp[] ops;
    private final short[] free;
    private int freeCount;
    private final ArrayDeque<SyscallOp> waiting = new ArrayDeque<>();
    private final RingWatch watch;
    private boolean watching;
    private @Nullable IoRegistration registration;

    /**
     * Creates the loop; {@link #register} comes next.
     *
     * @param slots how many operations may be in flight, at most 32,767
     * @param clock calls once, from any thread, when it is time to look for late operations
     */
    UringLoop(IoEventLoop loop, int slots, Consumer<Runnable> clock) {
        this.loop = loop;
        this.clock = clock;
        this.ops = new SyscallOp[slots];
        this.free = new short[slots];
        this.watch = new RingWatch(slots);
        for (int slot = slots - 1; slot >= 0; slot--) {
            free[freeCount++] = (short) slot; // slot 0 is taken first: few in flight stay in few cache lines
        }
    }

    /** Registers the handle with its ring; waits, and throws what went wrong. */
    void register() {
        registration = loop.register(this).syncUninterruptibly().getNow();
    }

    /** Returns whether the calling thread is the loop's. */
    boolean isHere() {
        return loop.inEventLoop();
    }

    @Override
    public void launch(FileOp given) {
        SyscallOp op = (SyscallOp) given; // the files of a ring are descriptors
        boolean ioctl = op.file().quirks().blockDevice
                && (op.kind() == BlockOp.Kind.DISCARD || op.kind() == BlockOp.Kind.WRITE_ZEROES);
        if (ioctl || op.file().avoidsRing()) {
            op.file().blocking().execute(op);
        } else if (loop.inEventLoop()) {
            start(op);
        } else {
            incoming.add(op);
            if (fetching.compareAndSet(false, true)) {
                try {
                    loop.execute(this);
                } catch (Throwable over) { // the loop was shut down: nothing else fetches them
                    refuse(over);
                }
            }
        }
    }

    private void refuse(Throwable why) {
        do {
            for (SyscallOp op = incoming.poll(); op != null; op = incoming.poll()) {
                op.reject(why);
            }
            fetching.set(false);
        } while (!incoming.isEmpty() && fetching.compareAndSet(false, true));
    }

    /** Fetches what other threads queued. */
    @Override
    public void run() {
        fetching.set(false); // first: an operation queued from here on sends another task
        SyscallOp op;
        while ((op = incoming.poll()) != null) {
            start(op);
        }
    }

    private void start(SyscallOp op) {
        if (freeCount == 0 || !waiting.isEmpty()) { // nothing overtakes, not even what a completion submits
            waiting.add(op);
        } else {
            enter(op);
        }
    }

    private void enter(SyscallOp op) {
        if (op.begin()) {
            short slot = free[--freeCount];
            ops[slot] = op;
            call(op, slot);
        }
    }

    private void call(SyscallOp op, short slot) {
        Throwable failure;
        try {
            lookLater(); // first: if it throws, nothing is on its way
            IoRegistration ring = registration;
            long id = ring == null
                    ? 0
                    : ring.submit(UringOps.of(op.calls(), op.file().fd(), slot));
            if (id != 0) { // on its way: the kernel answers
                watch.entered(slot, id);
                return;
            }
            failure = DeviceException.of(Errno.ESHUTDOWN, op.file().info().name(), "the ring is closed");
        } catch (Throwable thrown) { // the ring is full and takes none: nothing was queued
            failure = thrown;
        }
        vacate(slot);
        op.end(failure);
    }

    // The ring may refuse the call this time; then the slot is free for an operation that waits.
    private void callAgain(SyscallOp op, short slot) {
        call(op, slot);
        startWaiting();
    }

    /** Handles an answer of the kernel. Must not throw: the loop would sleep for 100 ms. */
    @Override
    public void handle(IoRegistration from, IoEvent event) {
        try {
            IoUringIoEvent completion = (IoUringIoEvent) event; // reused by Netty: read it now
            if (!UringOps.isCancelling(completion.opcode())) {
                answered((short) completion.userData(), completion.res());
            }
        } catch (Throwable thrown) {
            LOG.error("a completion could not be handled", thrown);
        } finally {
            startWaiting();
        }
    }

    private void answered(short slot, int answer) {
        SyscallOp op = ops[slot];
        if (op == null) {
            throw new IllegalStateException("no operation in slot " + slot);
        }
        if (answer == -Errno.ECANCELED.number()) {
            vacate(slot);
            op.file().avoidRing();
            onThreads(op);
            return;
        }
        switch (op.calls().answered(answer)) {
            case CALL -> call(op, slot);
            case CALL_LATER -> {
                var unused = loop.schedule(() -> callAgain(op, slot), SyscallOp.PAUSE_NANOS, TimeUnit.NANOSECONDS);
            }
            case DONE -> {
                vacate(slot);
                op.end(null);
            }
            case FAILED -> {
                vacate(slot);
                op.end(op.failure());
            }
        }
    }

    private void onThreads(SyscallOp op) {
        try {
            op.file().blocking().execute(op::runRest);
        } catch (Throwable noThread) { // an error, too: the system may have none to give
            op.end(noThread);
        }
    }

    private void lookLater() {
        if (!watching) {
            clock.accept(() -> loop.execute(this::look));
            watching = true;
        }
    }

    // Operations that the kernel's workers do not come to are
    // taken back, and go to the threads of their own file system.
    private void look() {
        watching = false;
        IoRegistration ring = registration;
        int asked = 0;
        for (short slot = 0; slot < ops.length && ring != null; slot++) {
            if (ops[slot] != null) {
                lookLater();
                if (asked < TAKEN_BACK_MAX && watch.isLate(slot)) {
                    ring.submit(UringOps.cancelling(watch.id(slot), slot));
                    asked++;
                }
            }
        }
    }

    private void vacate(short slot) {
        ops[slot] = null;
        free[freeCount++] = slot;
    }

    // In a loop, not from inside vacate: a closed ring would fail one waiting operation inside the other.
    private void startWaiting() {
        SyscallOp next;
        while (freeCount > 0 && (next = waiting.poll()) != null) {
            enter(next);
        }
    }

    /** Called by Netty when the registration is over. Files are closed before that, so nothing is in flight. */
    @Override
    public void close() {}
}
