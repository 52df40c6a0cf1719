package io.dmio.testkit;

import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;

/** Subscribes once, counts the ends it is told, and may lose interest at any moment; for controlled schedules. */
public final class Asker<T> implements CoreSubscriber<T> {

    private volatile @Nullable Subscription subscription;
    private volatile boolean left;
    private int ends; // told by one thread at a time; read when all are through
    private @Nullable Throwable failure;

    @Override
    public void onSubscribe(Subscription to) {
        subscription = to;
        to.request(Long.MAX_VALUE);
    }

    @Override
    public void onNext(T value) {}

    @Override
    public void onError(Throwable thrown) {
        failure = thrown;
        ends++;
    }

    @Override
    public void onComplete() {
        ends++;
    }

    /** Cancels, if there is something to cancel yet. */
    public void leave() {
        Subscription mine = subscription;
        if (mine != null) {
            left = true;
            mine.cancel();
        }
    }

    /** How it failed, or null. */
    public @Nullable Throwable failure() {
        return failure;
    }

    /** Whether whoever subscribed was told one end, or at most one after leaving. */
    public boolean wasToldOnce() {
        return ends == 1 || (ends == 0 && (left || subscription == null));
    }
}
