package io.dmio.device;

import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoOperator;
import reactor.util.context.Context;

/**
 * An operation that a device keeps back for a while: is told when the work ends, releases what the operation held, and tells the listener,
 * unless that has left. Written by hand, as Reactor's sinks swallow what a listener throws, and report an error that nobody listens to as
 * dropped.
 */
final class Postponed implements CoreSubscriber<Void>, Subscription {

    private final CoreSubscriber<? super Void> listener;
    private final Runnable giveBack;
    private final AtomicBoolean ended = new AtomicBoolean();
    private final AtomicBoolean toldOrLeft = new AtomicBoolean();

    private Postponed(CoreSubscriber<? super Void> listener, Runnable giveBack) {
        this.listener = listener;
        this.giveBack = giveBack;
    }

    /**
     * Does work when its turn has come; it cannot be cancelled.
     *
     * @param turn when the work begins
     * @param work what the operation does
     * @param giveBack frees what is held already
     */
    static Mono<Void> until(Mono<Void> turn, Mono<Void> work, Runnable giveBack) {
        return new Mono<>() {
            @Override
            public void subscribe(CoreSubscriber<? super Void> listener) {
                Postponed operation = new Postponed(listener, giveBack);
                listener.onSubscribe(operation);
                turn.then(operation.of(work)).subscribe(operation);
            }
        };
    }

    // What Reactor calls fatal, and throws, is an end, too, or memory and gate would be held for ever; unless the
    // listener threw it.
    private Mono<Void> of(Mono<Void> work) {
        return new MonoOperator<>(work) {
            @Override
            public void subscribe(CoreSubscriber<? super Void> subscriber) {
                try {
                    source.subscribe(subscriber);
                } catch (Throwable fatal) {
                    if (ended.get()) {
                        throw fatal;
                    }
                    onError(fatal);
                }
            }
        };
    }

    @Override
    public void onSubscribe(Subscription work) {
        work.request(Long.MAX_VALUE); // and it is never cancelled
    }

    @Override
    public void onNext(Void none) {}

    @Override
    public void onError(Throwable error) {
        end(error);
    }

    @Override
    public void onComplete() {
        end(null);
    }

    private void end(@Nullable Throwable error) {
        if (!ended.compareAndSet(false, true)) {
            return;
        }
        giveBack.run();
        if (!toldOrLeft.compareAndSet(false, true)) {
            return;
        }
        if (error == null) {
            listener.onComplete();
        } else {
            listener.onError(error);
        }
    }

    @Override
    public Context currentContext() {
        return listener.currentContext();
    }

    @Override
    public void request(long count) {}

    @Override
    public void cancel() {
        toldOrLeft.set(true);
    }
}
