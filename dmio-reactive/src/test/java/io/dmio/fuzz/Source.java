package io.dmio.fuzz;

import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import org.reactivestreams.Subscriber;
import org.reactivestreams.Subscription;
import reactor.core.publisher.Flux;

/**
 * What a stream or a pipeline takes from: gives when it is told to, and no more than was asked for; or is one of Reactor's, which
 * give all at once.
 */
final class Source<T> implements Publisher<T>, Subscription {

    private final List<T> all;
    private final Consumer<T> giving;
    private final boolean fails;
    private @Nullable Subscriber<? super T> to;
    private int given;
    private long demand;
    private boolean over;
    private boolean busy;
    private boolean failed;

    /**
     * Nothing is given yet.
     *
     * @param all what there is
     * @param giving told of each just before it is given
     * @param fails whether it ends with an error
     */
    Source(List<T> all, Consumer<T> giving, boolean fails) {
        this.all = all;
        this.giving = giving;
        this.fails = fails;
    }

    /** The same, given by somebody of a drawn kind. */
    Publisher<T> drawn(Draw draw) {
        Flux<T> atOnce = Flux.fromIterable(all).doOnNext(this::give);
        Flux<T> ended = fails ? atOnce.concatWith(Flux.error(this::failure)) : atOnce;
        return switch (draw.below(4)) {
            case 0 -> ended;
            case 1 -> ended.hide();
            default -> this;
        };
    }

    /** What somebody who asked has taken. */
    int given() {
        return given;
    }

    boolean fails() {
        return fails;
    }

    /** Whether it has told that it failed. */
    boolean hasFailed() {
        return failed;
    }

    private SourceFailure failure() {
        failed = true;
        return new SourceFailure();
    }

    private void give(T next) {
        given++;
        giving.accept(next);
    }

    @Override
    public void subscribe(Subscriber<? super T> subscriber) {
        if (to != null) {
            World.fault("a source was subscribed to twice");
        }
        to = subscriber;
        subscriber.onSubscribe(this);
    }

    @Override
    public void request(long more) {
        demand = demand + more < 0 ? Long.MAX_VALUE : demand + more;
    }

    @Override
    public void cancel() {
        over = true;
    }

    /** Gives one, if it is asked for, or ends; whether it did. */
    boolean step() {
        Subscriber<? super T> subscriber = to;
        if (subscriber == null || over || busy) {
            return false;
        }
        if (given == all.size()) {
            over = true;
            end(subscriber);
            return true;
        }
        if (demand == 0) {
            return false;
        }
        demand -= demand == Long.MAX_VALUE ? 0 : 1;
        busy = true;
        T next = all.get(given);
        give(next);
        subscriber.onNext(next);
        busy = false;
        return true;
    }

    private void end(Subscriber<? super T> subscriber) {
        if (fails) {
            subscriber.onError(failure());
        } else {
            subscriber.onComplete();
        }
    }

    /** How a source fails. */
    static final class SourceFailure extends RuntimeException {
        private static final long serialVersionUID = 1L;

        SourceFailure() {
            super("as drawn", null, false, false);
        }
    }
}
