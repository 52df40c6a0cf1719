package io.dmio.concurrent;

import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs a step again and again until it has nothing to do, on one thread at a time: a call that comes while it runs, from inside the step or
 * from another thread, only leaves word and returns. So a completion that grants pages to work that completes at once does not nest once per
 * waiter.
 */
public final class DrainLoop {

    private static final Logger LOG = LoggerFactory.getLogger(DrainLoop.class);

    private final AtomicInteger calls = new AtomicInteger();
    private final BooleanSupplier step;
    private final Executor executor;
    private final Runnable drain = this::drain; // one for all runs

    /**
     * Creates a loop that is not running; a caller that finds it so runs it.
     *
     * @param step does one thing and tells whether there was one to do; what it throws is logged, and the loop goes on
     */
    public DrainLoop(BooleanSupplier step) {
        this(step, Runnable::run);
    }

    /**
     * Creates a loop that is not running, and that an executor runs: one task serves all calls that come before it has ended.
     *
     * @param step does one thing and tells whether there was one to do; what it throws is logged, and the loop goes on
     * @param executor runs the loop, never twice at a time
     */
    public DrainLoop(BooleanSupplier step, Executor executor) {
        this.step = step;
        this.executor = executor;
    }

    /**
     * Runs steps until one says that there was nothing to do; returns at once if another thread is running them.
     *
     * @throws RejectedExecutionException if the executor takes nothing any more; the next call tries again
     */
    public void run() {
        if (calls.getAndIncrement() == 0) {
            try {
                executor.execute(drain);
            } catch (RejectedExecutionException over) {
                calls.set(0);
                throw over;
            }
        }
    }

    private void drain() {
        int seen = calls.get();
        boolean through = false;
        try {
            do {
                while (stepSafely()) {
                    // again: the step did something
                }
                seen = calls.addAndGet(-seen);
            } while (seen != 0);
            through = true;
        } finally {
            if (!through) { // no stack left to go on: the next call does
                calls.set(0);
            }
        }
    }

    // A subscriber that throws where the specification forbids it must not stop the loop for everybody after it.
    private boolean stepSafely() {
        try {
            return step.getAsBoolean();
        } catch (RuntimeException | Error thrown) {
            tell(thrown);
            return true;
        }
    }

    private static void tell(Throwable thrown) {
        try {
            LOG.error("a step threw; the loop goes on", thrown);
        } catch (Throwable again) {
            // There is no memory even to log it: the loop goes on.
        }
    }
}
