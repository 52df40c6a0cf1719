package io.dmio;

import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Operators;

/**
 * One subscription that holds pages while it works: claims them at the first request, works, gives them back, then signals.
 * Hand-written because no stock operator gives back a resource before it signals the result <i>and</i> keeps it past a cancel
 * until the work has ended; {@code PageBudgetRaceTest} races its cancel.
 */
abstract class BudgetedRun<T> extends BudgetClaim implements Subscription {

    private static final Logger LOG = LoggerFactory.getLogger(BudgetedRun.class);

    final CoreSubscriber<? super T> actual;
    private final PageBudget budget;
    private boolean claimed; // by the first request; calls of one subscription do not overlap
    private boolean ended;
    private volatile boolean cancelled;

    /** Claims nothing yet. */
    BudgetedRun(PageBudget budget, int pages, Ticket ticket, CoreSubscriber<? super T> actual) {
        super(pages, ticket);
        this.budget = budget;
        this.actual = actual;
    }

    /** Takes hold of what the work needs. Not after a cancel: who cancelled may have released the memory. */
    abstract void hold();

    /** Works with what is held; sooner or later calls {@link #succeed} or {@link #fail}. */
    abstract void start();

    @Override
    public final void request(long n) {
        if (Operators.validate(n) && !claimed) {
            claimed = true;
            budget.claim(this);
        }
    }

    @Override
    public final void cancel() {
        synchronized (this) {
            cancelled = true;
        }
        budget.withdraw(this);
    }

    @Override
    final void granted() {
        try {
            if (holdUnlessCancelled()) {
                start();
            } else {
                succeed(null);
            }
        } catch (Throwable thrown) { // out of memory, too: the pages must come back
            fail(thrown);
        }
    }

    // Under the lock of cancel: when cancel returns, the work has taken hold of the memory, or never does.
    private synchronized boolean holdUnlessCancelled() {
        if (!cancelled) {
            hold();
        }
        return !cancelled;
    }

    @Override
    final void refused(RuntimeException why) {
        actual.onError(why);
    }

    /** The work has ended; the first end counts. */
    final void succeed(@Nullable T result) {
        if (!end()) {
            return;
        }
        if (cancelled) {
            Operators.onDiscard(result, actual.currentContext());
            return;
        }
        if (result != null) {
            actual.onNext(result);
        }
        actual.onComplete();
    }

    /** The work has ended badly; the first end counts. */
    final void fail(Throwable failure) {
        if (end()) {
            if (cancelled) {
                LOG.debug("work ended in an error after its subscriber had left", failure);
            } else {
                actual.onError(failure);
            }
        }
    }

    private boolean end() {
        if (ended) {
            return false;
        }
        ended = true;
        budget.release(this);
        return true;
    }
}
