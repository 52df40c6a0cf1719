package io.dmio.harness;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.util.context.Context;

/** Subscribes once, counts the ends it is told, and may lose interest at any moment; for controlled schedules. */
public final class Asker<T> implements CoreSubscriber<T> {

    private static final Context QUIET = Context.of("reactor.onErrorDropped.local", (Consumer<Throwable>) late -> {});

    private volatile @Nullable Subscription subscription;
    private volatile boolean left;
    private final Runnable atTheEnd;
    private int ends; // told by one thread at a time; read when all are through
    private @Nullable T value;
    private @Nullable Throwable failure;

    /** Only counts. */
    public Asker() {
        this(() -> {});
    }

    /** Looks around, too, whenever it is told an end. */
    public Asker(Runnable atTheEnd) {
        this.atTheEnd = atTheEnd;
    }

    // What comes after the end is dropped, and need not be logged.
    @Override
    public Context currentContext() {
        return QUIET;
    }

    @Override
    public void onSubscribe(Subscription to) {
        subscription = to;
        to.request(Long.MAX_VALUE);
    }

    @Override
    public void onNext(T told) {
        value = told;
    }

    @Override
    public void onError(Throwable thrown) {
        failure = thrown;
        end();
    }

    @Override
    public void onComplete() {
        end();
    }

    private void end() {
        ends++;
        atTheEnd.run();
    }

    /** Cancels and returns true, if there is something to cancel yet. */
    public boolean leave() {
        Subscription mine = subscription;
        if (mine == null) {
            return false;
        }
        left = true;
        mine.cancel();
        return true;
    }

    /** What it was told before the end, or null. */
    public @Nullable T value() {
        return value;
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
