package io.dmio.budget;

import io.dmio.concurrent.Trampoline;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.CoreSubscriber;
import reactor.core.Scannable;
import reactor.core.publisher.Operators;

/**
 * One subscription that holds pages while it works: claims them at the first request, starts its parts, gives the pages back when the last
 * part has ended, then signals. Hand-written because no standard operator gives back a resource before it signals the result <i>and</i> keeps
 * the resource past a cancel until the work has ended; {@code PageBudgetRaceTest} races its cancel.
 *
 * <p>The start counts as a part, too. So the result of work that ends at once is signalled only after all of it has been started, from here
 * and not from inside a device; and what the subscriber throws then reaches the caller of {@code request}, not the device.
 */
public abstract class BudgetedRun<T> extends BudgetClaim implements Subscription, Runnable, Scannable {

    private static final Logger LOG = LoggerFactory.getLogger(BudgetedRun.class);

    @SuppressWarnings("rawtypes")
    private static final AtomicIntegerFieldUpdater<BudgetedRun> PENDING =
            AtomicIntegerFieldUpdater.newUpdater(BudgetedRun.class, "pending");

    protected final CoreSubscriber<? super T> actual;
    private final PageAccount account;

    @SuppressWarnings("UnusedVariable") // read by its updater
    private volatile int pending; // parts that have not ended, and the start

    private volatile boolean cancelled;
    private boolean claimed; // by the first request; calls of one subscription do not overlap

    // written by the thread that ends the run, before the signal
    private @Nullable T result;
    private @Nullable Throwable failure;

    /** Creates a run that claims nothing yet. */
    protected BudgetedRun(PageAccount account, int pages, Ticket ticket, CoreSubscriber<? super T> actual) {
        super(pages, ticket);
        this.account = account;
        this.actual = actual;
    }

    /** Retains what the work needs, or throws and holds nothing. Not called after a cancel: the memory may be released. */
    protected abstract void hold();

    /** Returns the number of parts of the work; each of them {@linkplain #arrived arrives} once. */
    protected abstract int parts();

    /** Starts all parts. Throws nothing: a failure is the end of its part. */
    protected abstract void start();

    /** Called when all parts have arrived. Releases what was held, and returns the result; what it throws is the run's error. */
    protected abstract @Nullable T end() throws Throwable;

    @Override
    public final void request(long n) {
        if (Operators.validate(n) && !claimed) {
            claimed = true;
            account.claim(this);
        }
    }

    @Override
    public final void cancel() {
        synchronized (this) {
            cancelled = true;
        }
        account.withdraw(this);
    }

    @Override
    final void granted() {
        if (isHeld()) {
            pending = parts() + 1;
            start();
            if (!isLast()) {
                return;
            }
            finish();
        }
        account.release(this);
        Trampoline.run(actual, this);
    }

    // Catches a lack of memory, too: the pages must come back.
    private boolean isHeld() {
        try {
            return holdUnlessCancelled();
        } catch (Throwable refused) {
            failure = refused;
            return false;
        }
    }

    // Under the lock of cancel: when cancel returns, the work has retained the memory, or never does.
    private synchronized boolean holdUnlessCancelled() {
        if (!cancelled) {
            hold();
        }
        return !cancelled;
    }

    @Override
    final void refused(RuntimeException why) {
        Trampoline.run(actual, () -> actual.onError(why));
    }

    /** Notes that a part has ended; from any thread. */
    protected final void arrived() {
        if (isLast()) {
            finish();
            account.release(this);
            run();
        }
    }

    private boolean isLast() {
        return PENDING.decrementAndGet(this) == 0;
    }

    private void finish() {
        try {
            result = end();
        } catch (Throwable thrown) {
            failure = thrown;
        }
    }

    /** Signals the result. */
    @Override
    public final void run() {
        if (cancelled) {
            discard();
        } else if (failure != null) {
            actual.onError(failure);
        } else {
            if (result != null) {
                actual.onNext(result);
            }
            actual.onComplete();
        }
    }

    @Override
    @SuppressWarnings("rawtypes") // as Reactor declares it
    public final @Nullable Object scanUnsafe(Attr key) {
        return key.equals(Attr.ACTUAL) ? actual : null;
    }

    private void discard() {
        if (failure != null) {
            LOG.debug("work ended in an error after its subscriber had left", failure);
        } else if (result != null) {
            Operators.onDiscard(result, actual.currentContext());
        }
    }
}
