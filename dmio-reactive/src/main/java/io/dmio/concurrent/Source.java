package io.dmio.concurrent;

import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.reactivestreams.Publisher;
import org.reactivestreams.Subscription;
import reactor.core.Exceptions;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.FluxSink;
import reactor.util.context.Context;

/**
 * The one way in for publishers from outside. Behind it a source is never fused: a cancelled operator polls a fused source to its end, to
 * discard what it would have given, and an endless one for ever. And nothing is lost if a source gives more than it was asked for: the excess
 * waits its turn here, up to a number, and beyond that it is an error. What a source throws where it must not is an error, too, or is dropped
 * as Reactor drops errors.
 *
 * <p>Written by hand as a subscriber because no operator passes demand on as it is and still takes what comes unasked: {@code SourceRaceTest}
 * races its cancel.
 */
public final class Source<T, R> extends BaseSubscriber<T> {

    /** How much more than it was asked for a source may give before that is an error. */
    public static final int EXCESS_MAX = 1024;

    private final FluxSink<R> sink;
    private final Function<? super T, ? extends R> taken;
    private final AtomicLong owed = new AtomicLong(); // asked for and not given; below 0 if more was given

    private Source(FluxSink<R> sink, Function<? super T, ? extends R> taken) {
        this.sink = sink;
        this.taken = taken;
    }

    /**
     * Wraps a publisher from outside, which is asked for exactly what is asked of the result.
     *
     * @param from the publisher
     * @param taken takes over whatever comes, even after a cancel; what it makes of that may be dropped
     * @return a Flux of what {@code taken} made of it, in order; errors with an overflow, after everything before, when more than
     *     {@value #EXCESS_MAX} too many came
     */
    public static <T, R> Flux<R> of(Publisher<? extends T> from, Function<? super T, ? extends R> taken) {
        return Flux.create(sink -> new Source<T, R>(sink, taken).subscribeTo(from));
    }

    // Reactor's operators throw what Reactor calls fatal: on the thread that gave a page back nobody would hear of it.
    private void subscribeTo(Publisher<? extends T> from) {
        try {
            from.subscribe(this);
        } catch (RuntimeException | Error thrown) {
            leave();
            sink.error(thrown);
        }
    }

    @Override
    public Context currentContext() {
        return Context.of(sink.contextView());
    }

    @Override
    protected void hookOnSubscribe(Subscription subscription) {
        sink.onDispose(this::leave);
        sink.onRequest(this::ask);
    }

    private void ask(long n) {
        owed.accumulateAndGet(n, Source::sum);
        try {
            request(n);
        } catch (RuntimeException | Error thrown) {
            leave();
            sink.error(thrown);
        }
    }

    // A source must not throw here. If it does, the cancel still goes on to all that hold something.
    private void leave() {
        try {
            cancel();
        } catch (RuntimeException | Error thrown) {
            Dropped.error(thrown, currentContext());
        }
    }

    @Override
    protected void hookOnNext(T given) {
        R one = taken.apply(given);
        if (owed.decrementAndGet() >= -EXCESS_MAX) {
            sink.next(one);
        } else {
            leave();
            sink.error(Exceptions.failWithOverflow("the source gave more than " + EXCESS_MAX
                    + " that it was not asked for: it has to heed request(n)"));
        }
    }

    @Override
    protected void hookOnError(Throwable thrown) {
        sink.error(thrown);
    }

    @Override
    protected void hookOnComplete() {
        sink.complete();
    }

    // The first number may be negative; Long.MAX_VALUE means no limit.
    private static long sum(long owed, long asked) {
        return owed > Long.MAX_VALUE - asked ? Long.MAX_VALUE : owed + asked;
    }
}
