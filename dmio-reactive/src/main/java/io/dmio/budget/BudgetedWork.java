package io.dmio.budget;

import io.dmio.concurrent.Dropped;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Mono;
import reactor.util.context.Context;

/** Work, in operators, that runs while it holds pages; it is never cancelled once started. */
public final class BudgetedWork<T> extends Mono<T> {

    private final PageAccount account;
    private final int pages;
    private final Supplier<Mono<T>> work;
    private final Ticket ticket;

    public BudgetedWork(PageAccount account, int pages, Supplier<Mono<T>> work, Ticket ticket) {
        if (pages < 1) {
            throw new IllegalArgumentException(pages + " pages: at least 1");
        }
        this.account = account;
        this.pages = pages;
        this.work = Objects.requireNonNull(work, "work");
        this.ticket = ticket;
    }

    @Override
    public void subscribe(CoreSubscriber<? super T> actual) {
        actual.onSubscribe(new Run<>(this, actual));
    }

    /** One subscription: claim, then the work's subscriber. */
    private static final class Run<T> extends BudgetedRun<T> implements CoreSubscriber<T> {

        private final Supplier<Mono<T>> work;
        private @Nullable T value;
        private @Nullable Throwable thrown;
        private boolean ended; // guarded by this

        Run(BudgetedWork<T> of, CoreSubscriber<? super T> actual) {
            super(of.account, of.pages, of.ticket, actual);
            this.work = of.work;
        }

        // The work is not called under the lock that a cancel takes: the canceller may hold a lock that the work wants.
        @Override
        protected void hold() {}

        @Override
        protected int parts() {
            return 1;
        }

        @Override
        protected void start() {
            try {
                Objects.requireNonNull(work.get(), "work gave null").subscribe(this);
            } catch (Throwable thrown) { // by the work, or by operators, which throw what Reactor calls fatal
                onError(thrown);
            }
        }

        @Override
        protected @Nullable T end() throws Throwable {
            if (thrown != null) {
                throw thrown;
            }
            return value;
        }

        @Override
        public Context currentContext() {
            return actual.currentContext();
        }

        @Override
        public void onSubscribe(Subscription ofWork) {
            ofWork.request(Long.MAX_VALUE); // never cancelled: what was started runs to its end
        }

        @Override
        public void onNext(T result) {
            value = result;
        }

        @Override
        public void onError(Throwable failure) {
            if (isFirstEnd()) {
                thrown = failure;
                arrived();
            } else {
                Dropped.error(failure, currentContext());
            }
        }

        @Override
        public void onComplete() {
            if (isFirstEnd()) {
                arrived();
            }
        }

        private synchronized boolean isFirstEnd() {
            boolean first = !ended;
            ended = true;
            return first;
        }
    }
}
