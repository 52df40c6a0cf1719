package io.dmio.engine;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A bounded number of threads for calls that block, first come, first served; idle ones end after a minute. They are never interrupted: an
 * interrupt cannot end a disk's I/O, it can only break what comes after it. Submitting takes a lock only to start a thread, so a thread that
 * must not block can submit. The queue has no bound of its own: the {@link io.dmio.PageBudget} of the submitters bounds what waits in it.
 *
 * <p>No more threads take part than have work: the thread that went idle last is woken first. One is woken at a time, and it wakes the next
 * if there is more to do. So with few requests, a pool that may have many threads costs no more than one that may have few: a
 * {@link java.util.concurrent.ThreadPoolExecutor} starts all threads it may have, and hands each task to the thread that has waited longest.
 */
final class BlockingThreads implements Executor {

    private static final long IDLE_NANOS_MAX = TimeUnit.MINUTES.toNanos(1);

    private final Executor starter; // starts a thread for each
    private final int threadsMax;
    private final long idleNanosMax;
    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final AtomicReference<@Nullable Seat> idle = new AtomicReference<>();
    private final AtomicBoolean waking = new AtomicBoolean(); // one was woken, and has not looked for a task yet
    private volatile int threads; // those that were started and have not left
    private volatile boolean ended;

    BlockingThreads(ThreadFactory factory, int threadsMax) {
        this(body -> factory.newThread(body).start(), threadsMax, IDLE_NANOS_MAX);
    }

    /** As above, with threads that the given executor starts, and that end after the given time without a task. */
    BlockingThreads(Executor starter, int threadsMax, long idleNanosMax) {
        this.starter = starter;
        this.threadsMax = threadsMax;
        this.idleNanosMax = idleNanosMax;
    }

    /**
     * Runs a task on one of the threads.
     *
     * @throws RejectedExecutionException after {@link #end}
     * @throws Error if there is no thread and none can be started; the task is not run then
     */
    @Override
    public void execute(Runnable task) {
        if (ended) {
            throw new RejectedExecutionException("these threads have been told to end");
        }
        tasks.add(task);
        try {
            if (threads > 0 || !startFirst()) {
                wakeIfNeeded();
            }
        } catch (Throwable noThread) {
            if (threads == 0 && tasks.remove(task)) {
                throw noThread;
            }
        }
    }

    /** Ends the threads when the queue is empty. Does not wait. */
    void end() {
        ended = true;
        for (Seat seat = pop(); seat != null; seat = pop()) {
            seat.call();
        }
    }

    /**
     * Wakes or starts a thread if there are tasks. If one is being woken already, the rest is left to that thread, which looks at the queue
     * after it has cleared the flag. If there was nobody to wake, looks once more: a thread may have gone idle before the flag was cleared,
     * while others relied on the flag.
     */
    private void wakeIfNeeded() {
        while (!tasks.isEmpty() && (idle.get() != null || threads < threadsMax) && waking.compareAndSet(false, true)) {
            boolean woken = false;
            try {
                woken = callOne() || start();
            } finally {
                if (!woken) {
                    waking.set(false);
                }
            }
            if (woken) {
                return;
            }
        }
    }

    private boolean callOne() {
        for (Seat seat = pop(); seat != null; seat = pop()) {
            if (seat.call()) {
                return true;
            }
        }
        return false;
    }

    // While there is no thread, no caller relies on another one:
    // if the system gives no thread, each takes its own task back.
    private synchronized boolean startFirst() {
        if (threads > 0) {
            return false;
        }
        boolean started = false;
        waking.set(true);
        try {
            started = start();
        } finally {
            if (!started) {
                waking.set(false);
            }
        }
        return started;
    }

    // A thread is counted only once it was started, under the lock: nobody relies on one that the system does not give.
    private synchronized boolean start() {
        if (threads == threadsMax) {
            return false;
        }
        starter.execute(this::work);
        threads++;
        return true;
    }

    /** Returns whether a thread that wants to end may do so: false if there is something left to do. */
    @SuppressWarnings("NonAtomicOperationOnVolatileField") // written under the lock only
    private synchronized boolean mayLeave() {
        threads--; // first: a submitter from now on starts another, and an earlier one is seen
        if (tasks.isEmpty()) {
            return true;
        }
        threads++;
        return false;
    }

    // Goes on however short memory is: a thread that died with tasks
    // in the queue would leave them to one that may never start.
    private void work() {
        waking.set(false);
        do {
            runAll();
        } while (waitForMore() || !mayLeave());
    }

    private void runAll() {
        for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
            wakeOthers();
            run(task);
        }
    }

    private void wakeOthers() {
        try {
            wakeIfNeeded();
        } catch (Throwable noThread) { // this thread goes on
        }
    }

    // A failure is told as in a thread pool, except that it does not end the thread.
    private static void run(Runnable task) {
        try {
            task.run();
        } catch (Throwable thrown) {
            tell(thrown);
        }
    }

    private static void tell(Throwable thrown) {
        try {
            Thread here = Thread.currentThread();
            here.getUncaughtExceptionHandler().uncaughtException(here, thrown);
        } catch (Throwable unheard) { // ignored, as the JVM does if a handler throws
        }
    }

    /** Waits; returns whether to look for tasks again. False after the idle time, after the end, and if there is no memory to wait with. */
    private boolean waitForMore() {
        Seat seat;
        try {
            seat = new Seat(Thread.currentThread());
        } catch (OutOfMemoryError noMemory) {
            return false;
        }
        push(seat);
        if (!tasks.isEmpty()) {
            return leave(seat, true);
        }
        if (ended) {
            return leave(seat, false);
        }
        long began = System.nanoTime();
        for (long left = idleNanosMax; !seat.isCalled(); left = idleNanosMax - (System.nanoTime() - began)) {
            if (left <= 0) {
                return leave(seat, false);
            }
            LockSupport.parkNanos(this, left);
        }
        waking.set(false);
        return true;
    }

    /** Takes a seat back; a thread that was called meanwhile looks for tasks in any case. */
    private boolean leave(Seat seat, boolean more) {
        if (seat.leave()) {
            idle.compareAndSet(seat, seat.below); // if not on top, whoever pops it passes over it
            return more;
        }
        waking.set(false);
        return true;
    }

    private void push(Seat seat) {
        do {
            seat.below = idle.get();
        } while (!idle.compareAndSet(seat.below, seat));
    }

    private @Nullable Seat pop() {
        Seat top = idle.get();
        while (top != null && !idle.compareAndSet(top, top.below)) {
            top = idle.get();
        }
        return top;
    }

    /** A place where a thread waits for one task; the next time it has another seat. */
    private static final class Seat {
        private final Thread thread;
        private final AtomicBoolean over = new AtomicBoolean(); // the thread was called, or has left
        private @Nullable Seat below;
        private volatile boolean called;

        Seat(Thread thread) {
            this.thread = thread;
        }

        /** Calls the thread; false if it has left before. */
        boolean call() {
            if (!over.compareAndSet(false, true)) {
                return false;
            }
            called = true;
            LockSupport.unpark(thread);
            return true;
        }

        /** Leaves the seat; false if the thread was called before. */
        boolean leave() {
            return over.compareAndSet(false, true);
        }

        boolean isCalled() {
            return called;
        }
    }
}
