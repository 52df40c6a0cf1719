package io.dmio;

import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;
import reactor.util.context.Context;

/**
 * Work that runs while it holds pages. A hand-written operator because no stock one gives back a resource before it signals
 * the result <i>and</i> keeps it past a cancel until the work has ended; {@code PageBudgetRaceTest} races its cancel.
 */
final class BudgetedWork<T> extends Mono<T> {

    private static final Logger LOG = LoggerFactory.getLogger(BudgetedWork.class);

    private final PageBudget budget;
    private final int pages;
    private final Supplier<Mono<T>> work;
    private final boolean accepted;

    BudgetedWork(PageBudget budget, int pages, Supplier<Mono<T>> work, boolean accepted) {
        if (pages < 1) {
            throw new IllegalArgumentException(pages + " pages: at least 1");
        }
        this.budget = budget;
        this.pages = pages;
        this.work = Objects.requireNonNull(work, "work");
        this.accepted = accepted;
    }

    @Override
    public void subscribe(CoreSubscriber<? super T> actual) {
        actual.onSubscribe(new Run<>(this, actual));
    }

    /** One subscription: claim, then the work's subscriber. */
    private static final class Run<T> extends BudgetClaim implements Subscription, CoreSubscriber<T> {

        private final BudgetedWork<T> of;
        private final CoreSubscriber<? super T> actual;
        private boolean claimed; // by the first request; calls of one subscription do not overlap
        private boolean ended;
        private volatile boolean cancelled;
        private @Nullable T value;

        Run(BudgetedWork<T> of, CoreSubscriber<? super T> actual) {
            super(of.pages);
            this.of = of;
            this.actual = actual;
        }

        @Override
        public void request(long n) {
            if (Operators.validate(n) && !claimed) {
                claimed = true;
                of.budget.claim(this, of.accepted);
            }
        }

        @Override
        public void cancel() {
            synchronized (this) {
                cancelled = true;
            }
            of.budget.withdraw(this);
        }

        @Override
        void granted() {
            try {
                start().subscribe(this);
            } catch (Throwable thrown) { // out of memory, too: the pages must come back
                onError(thrown);
            }
        }

        // Under the lock of cancel: who cancels may release the memory at once, so by then the work has taken hold of
        // it, or never does.
        private synchronized Mono<T> start() {
            return cancelled ? Mono.empty() : Objects.requireNonNull(of.work.get(), "work gave null");
        }

        @Override
        void refused(RuntimeException why) {
            actual.onError(why);
        }

        @Override
        public Context currentContext() {
            return actual.currentContext();
        }

        @Override
        public void onSubscribe(Subscription ofWork) {
            ofWork.request(Long.MAX_VALUE); // never cancelled: what was started runs out
        }

        @Override
        public void onNext(T result) {
            value = result;
        }

        @Override
        public void onError(Throwable failure) {
            if (end()) {
                if (cancelled) {
                    LOG.debug("work ended in an error after its subscriber had left", failure);
                } else {
                    actual.onError(failure);
                }
            }
        }

        @Override
        public void onComplete() {
            if (!end()) {
                return;
            }
            T result = value;
            if (cancelled) {
                Operators.onDiscard(result, currentContext());
                return;
            }
            if (result != null) {
                actual.onNext(result);
            }
            actual.onComplete();
        }

        private boolean end() {
            if (ended) {
                return false;
            }
            ended = true;
            of.budget.release(pages);
            return true;
        }
    }
}
