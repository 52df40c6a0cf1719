package io.dmio.engine;

import java.util.concurrent.Executor;
import java.util.concurrent.LinkedTransferQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * A bounded number of threads for calls that block; idle ones end after a minute. They are never interrupted: an
 * interrupt cannot end a disk's I/O, it can only break what comes after it. The queue takes no lock, so a thread that may not
 * block can submit. It has no bound of its own: what waits in it is bounded by the {@link io.dmio.PageBudget} of those who
 * submit.
 */
final class BlockingThreads implements Executor {

    private static final long IDLE_SECONDS = 60;

    private final ThreadPoolExecutor pool;

    BlockingThreads(ThreadFactory factory, int threadsMax) {
        this.pool = new ThreadPoolExecutor(
                threadsMax, threadsMax, IDLE_SECONDS, TimeUnit.SECONDS, new LinkedTransferQueue<>(), factory);
        pool.allowCoreThreadTimeOut(true);
    }

    @Override
    public void execute(Runnable task) {
        pool.execute(task);
    }

    /** Ends the threads when the queue is empty. Does not wait. */
    void end() {
        pool.shutdown();
    }
}
