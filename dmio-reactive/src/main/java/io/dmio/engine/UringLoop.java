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
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.util.concurrent.Queues;

/**
 * One ring, its thread, and one handle that serves every file on it. Operations from other threads are queued, with one task
 * to fetch a whole burst; those from the loop itself (a completion that submits the next) go straight into the ring. The
 * kernel is entered once per pass of the loop, for all of them.
 *
 * <p>Everything below {@link #launch} runs on the loop. In flight are at most {@code slots} operations, fewer than the
 * completion queue has entries, so it never overflows; more wait in order of arrival. A slot number fits the 16 bits that
 * Netty carries without a map, and finds the operation when its completion comes.
 */
final class UringLoop implements Lane, IoUringIoHandle, Runnable {

    private static final Logger LOG = LoggerFactory.getLogger(UringLoop.class);

    private final IoEventLoop loop;

    private final Queue<FileOp> incoming =
            Queues.<FileOp>unboundedMultiproducer().get();
    private final AtomicBoolean fetching = new AtomicBoolean();

    private final @Nullable FileOp[] ops;
    private final short[] free;
    private int freeCount;
    private final ArrayDeque<FileOp> waiting = new ArrayDeque<>();
    private @Nullable IoRegistration registration;

    /**
     * Makes the loop; {@link #register} comes next.
     *
     * @param slots how many operations may be in flight, at most 32,767
     */
    UringLoop(IoEventLoop loop, int slots) {
        this.loop = loop;
        this.ops = new FileOp[slots];
        this.free = new short[slots];
        for (int slot = slots - 1; slot >= 0; slot--) {
            free[freeCount++] = (short) slot; // slot 0 is taken first: few in flight stay in few cache lines
        }
    }

    /** Ties the handle to its ring; waits, and throws what went wrong. */
    void register() {
        registration = loop.register(this).syncUninterruptibly().getNow();
    }

    /** Whether the calling thread is the loop's. */
    boolean isHere() {
        return loop.inEventLoop();
    }

    @Override
    public void launch(FileOp op) {
        boolean ioctl = op.file().quirks().blockDevice
                && (op.kind() == BlockOp.Kind.DISCARD || op.kind() == BlockOp.Kind.WRITE_ZEROES);
        if (ioctl) {
            op.file().blocking().execute(op);
        } else if (loop.inEventLoop()) {
            start(op);
        } else {
            incoming.add(op);
            if (fetching.compareAndSet(false, true)) {
                loop.execute(this);
            }
        }
    }

    /** Fetches what other threads queued. */
    @Override
    public void run() {
        fetching.set(false); // first: whoever queues from here on sends another task
        FileOp op;
        while ((op = incoming.poll()) != null) {
            start(op);
        }
    }

    private void start(FileOp op) {
        if (freeCount == 0 || !waiting.isEmpty()) { // nobody overtakes, also not what a completion submits
            waiting.add(op);
        } else {
            enter(op);
        }
    }

    private void enter(FileOp op) {
        if (op.begin()) {
            short slot = free[--freeCount];
            ops[slot] = op;
            call(op, slot);
        }
    }

    private void call(FileOp op, short slot) {
        Throwable failure;
        try {
            IoRegistration ring = registration;
            if (ring != null && ring.submit(UringOps.of(op.work(), op.file().fd(), slot)) != 0) {
                return; // on its way: the kernel answers
            }
            failure = DeviceException.of(Errno.ESHUTDOWN, op.file().info().name(), "the ring is closed");
        } catch (Throwable thrown) { // the ring is full and takes none: nothing was queued
            failure = thrown;
        }
        vacate(slot);
        op.end(failure);
    }

    /** The kernel answered. Nothing may be thrown from here: the loop would sleep for 100 ms. */
    @Override
    public void handle(IoRegistration from, IoEvent event) {
        try {
            IoUringIoEvent completion = (IoUringIoEvent) event; // reused by Netty: read it now
            answered((short) completion.userData(), completion.res());
        } catch (Throwable thrown) {
            LOG.error("a completion could not be handled", thrown);
        } finally {
            startWaiting();
        }
    }

    private void answered(short slot, int answer) {
        FileOp op = ops[slot];
        if (op == null) {
            throw new IllegalStateException("no operation in slot " + slot);
        }
        switch (op.work().answered(answer)) {
            case CALL -> call(op, slot);
            case CALL_LATER -> {
                var unused = loop.schedule(() -> call(op, slot), FileOp.PAUSE_NANOS, TimeUnit.NANOSECONDS);
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

    private void vacate(short slot) {
        ops[slot] = null;
        free[freeCount++] = slot;
    }

    // In a loop, not from inside vacate: a closed ring would fail one waiting operation inside the other.
    private void startWaiting() {
        FileOp next;
        while (freeCount > 0 && (next = waiting.poll()) != null) {
            enter(next);
        }
    }

    /** Netty's: the registration is over. Files are closed before that, so nothing is in flight. */
    @Override
    public void close() {}
}
