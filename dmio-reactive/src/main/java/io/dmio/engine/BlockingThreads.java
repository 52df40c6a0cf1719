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
 * A bounded number of threads for calls that block, first come, first served; idle ones end after a minute. They are never
 * interrupted: an interrupt cannot end a disk's I/O, it can only break what comes after it. Submitting takes no lock, but to start a
 * thread, so a thread that may not block can submit. The queue has no bound of its own: what waits in it is bounded by the
 * {@link io.dmio.PageBudget} of those who submit.
 *
 * <p>No more threads take part than have work: the one that was idle last is woken first, and one at a time, which wakes the next if
 * there is more to do. So a pool that may have many threads costs few requests no more than one that may have few: a
 * {@link java.util.concurrent.ThreadPoolExecutor} starts all it may have, and hands each task to the one that has waited longest.
 */
final class BlockingThreads implements Executor {

    private static final long IDLE_NANOS_MAX = TimeUnit.MINUTES.toNanos(1);

    private final Executor starter; // of a thread for each
    private final int threadsMax;
    private final long idleNanosMax;
    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final AtomicReference<@Nullable Seat> idle = new AtomicReference<>();
    private final AtomicBoolean waking = new AtomicBoolean(); // one was woken, and has not looked for a task yet
    private volatile int threads; // that were started and have not left
    private volatile boolean ended;

    BlockingThreads(ThreadFactory factory, int threadsMax) {
        this(body -> factory.newThread(body).start(), threadsMax, IDLE_NANOS_MAX);
    }

    /** As above, with threads that something else starts, and that end after so long without a task. */
    BlockingThreads(Executor starter, int threadsMax, long idleNanosMax) {
        this.starter = starter;
        this.threadsMax = threadsMax;
        this.idleNanosMax = idleNanosMax;
    }

    /**
     * Has a task run by one of the threads.
     *
     * @throws RejectedExecutionException after {@link #end}
     * @throws Error if no thread is there and none can be started: the task is not run then
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
     * Whoever sees that another is being woken leaves the rest to that one, which looks at the queue after it has said that it is awake.
     * Who found nobody to wake looks once more: one may have gone idle before the flag was cleared, and others left it to the flag.
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

    // While there is no thread, nothing is left to others: where the system gives none, each takes its own task away.
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

    // Counted once it runs, in turn: nobody relies on a thread that the system then does not give.
    private synchronized boolean start() {
        if (threads == threadsMax) {
            return false;
        }
        starter.execute(this::work);
        threads++;
        return true;
    }

    /** To be asked by a thread that wants to go: false if there is something left to do. */
    @SuppressWarnings("NonAtomicOperationOnVolatileField") // written in here only
    private synchronized boolean mayLeave() {
        threads--; // first: who submits now starts another one, and who did before is seen
        if (tasks.isEmpty()) {
            return true;
        }
        threads++;
        return false;
    }

    // However short of memory: a thread that died with tasks in the queue would leave them to one that may never be
    // started.
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
        } catch (Throwable noThread) { // this one goes on
        }
    }

    // Told as of a thread of a pool, but that the thread does not end by it.
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
        } catch (Throwable unheard) { // as the JVM does with what a handler throws
        }
    }

    /** Whether to look for tasks again; false after so long without any, in the end, and where there is no memory to wait with. */
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

    /** Takes a seat back; one that was called meanwhile looks for tasks in any case. */
    private boolean leave(Seat seat, boolean more) {
        if (seat.leave()) {
            idle.compareAndSet(seat, seat.below); // else it is passed over by who pops it
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

    /** Where a thread waits for one task; the next time it has another seat. */
    private static final class Seat {
        private final Thread thread;
        private final AtomicBoolean over = new AtomicBoolean(); // called, or left
        private @Nullable Seat below;
        private volatile boolean called;

        Seat(Thread thread) {
            this.thread = thread;
        }

        /** False if it was left before. */
        boolean call() {
            if (!over.compareAndSet(false, true)) {
                return false;
            }
            called = true;
            LockSupport.unpark(thread);
            return true;
        }

        /** False if it was called before. */
        boolean leave() {
            return over.compareAndSet(false, true);
        }

        boolean isCalled() {
            return called;
        }
    }
}
