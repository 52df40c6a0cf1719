package io.dmio;

import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;
import reactor.util.context.Context;

/**
 * A Mono that hands over what must be closed, above all a device, to a subscriber that may cancel at any moment. Reactor drops
 * a value that meets a cancel, and with it a descriptor, a lock or a connection. Use it in your own devices: wrap the Mono that
 * opens one, as the outermost operator.
 *
 * <p>A value that comes after the cancel is given back at once. A value is in doubt if a cancel from another thread meets it on
 * its way: the subscriber may have it, or a {@code timeout} between may have dropped it. It is also in doubt if the cancel
 * comes afterwards, as from a {@code Disposable} that was disposed of a moment before the value came, or a {@code zip} of which
 * another part failed. A value in doubt is given back after a tenth of a second; {@code giveBack} keeps it open if somebody
 * uses it by then. One cancel from within {@code onNext} raises no doubt, because {@code next()} cancels that way when it has
 * its value; a second one from elsewhere does. A Handover cannot see some cases, such as a {@code CompletableFuture} that is
 * cancelled while it completes; only a {@link DeviceScope} or {@code usingWhen} is safe from them.
 *
 * <p>Hand-written, because only the giver sees both the value and the cancel; the race is tested in {@code HandoverTest}.
 *
 * @param <R> the type as which the value is handed over
 * @param <D> the type of the value
 */
public final class Handover<R, D extends R> extends Mono<R> {

    private static final long DOUBT_MILLIS = 100;

    private final Mono<D> opening;
    private final Consumer<? super D> giveBack;
    private final boolean stops;

    private Handover(Mono<D> opening, Consumer<? super D> giveBack, boolean stops) {
        this.opening = Objects.requireNonNull(opening, "opening");
        this.giveBack = Objects.requireNonNull(giveBack, "giveBack");
        this.stops = stops;
    }

    /**
     * Returns a Mono that hands over what another Mono opens.
     *
     * @param opening must go on to its value when it is cancelled too late, rather than drop it
     * @param giveBack closes a value unless somebody uses it; does not block, and runs on any thread
     * @param <R> the type as which the value is handed over
     * @param <D> the type of the value
     * @return a Mono that emits the value
     */
    public static <R, D extends R> Mono<R> of(Mono<D> opening, Consumer<? super D> giveBack) {
        return new Handover<>(opening, giveBack, true);
    }

    /**
     * Returns the same for what cannot be stopped halfway: a cancel does not reach {@code opening}, and what it opens then is
     * given back.
     *
     * @param opening runs to its end
     * @param giveBack closes a value unless somebody uses it; does not block, and runs on any thread
     * @param <R> the type as which the value is handed over
     * @param <D> the type of the value
     * @return a Mono that emits the value
     */
    public static <R, D extends R> Mono<R> whole(Mono<D> opening, Consumer<? super D> giveBack) {
        return new Handover<>(opening, giveBack, false);
    }

    @Override
    public void subscribe(CoreSubscriber<? super R> actual) {
        opening.subscribe(new Hand<>(actual, giveBack, stops));
    }

    private static final class Hand<D> implements CoreSubscriber<D>, Subscription {
        private static final int WAITING = 0;
        private static final int HANDING = 1;
        private static final int HELD = 2; // cancelled from within onNext
        private static final int DOUBTED = 3;
        private static final int GIVEN = 4; // the subscriber was told all
        private static final int ENDED = 5;

        private final CoreSubscriber<? super D> actual;
        private final Consumer<? super D> giveBack;
        private final boolean stops;
        private final AtomicInteger state = new AtomicInteger(WAITING);
        private @Nullable Subscription upstream;
        private @Nullable D value; // from the hand-over on, published by the state
        private volatile @Nullable Thread giver; // while it is in onNext

        Hand(CoreSubscriber<? super D> actual, Consumer<? super D> giveBack, boolean stops) {
            this.actual = actual;
            this.giveBack = giveBack;
            this.stops = stops;
        }

        @Override
        public Context currentContext() {
            return actual.currentContext();
        }

        @Override
        public void onSubscribe(Subscription subscription) {
            upstream = subscription;
            actual.onSubscribe(this);
        }

        @Override
        public void onNext(D opened) {
            value = opened;
            giver = Thread.currentThread();
            if (!state.compareAndSet(WAITING, HANDING)) {
                giveBack.accept(opened);
                return;
            }
            try {
                actual.onNext(opened);
                actual.onComplete();
            } finally {
                giver = null;
                state.compareAndSet(HANDING, GIVEN);
            }
        }

        @Override
        public void onError(Throwable failure) {
            if (state.compareAndSet(WAITING, ENDED)) {
                actual.onError(failure);
            } // else nothing was opened, and nobody waits to hear why
        }

        @Override
        public void onComplete() {
            if (state.compareAndSet(WAITING, ENDED)) {
                actual.onComplete();
            }
        }

        @Override
        public void request(long n) {
            Objects.requireNonNull(upstream).request(n);
        }

        @Override
        public void cancel() {
            boolean within = Thread.currentThread() == giver;
            int before = state.getAndUpdate(now -> switch (now) {
                case WAITING -> ENDED;
                case HANDING, HELD -> within ? HELD : DOUBTED;
                case GIVEN -> DOUBTED;
                default -> now;
            });
            if (before == WAITING) {
                if (stops) {
                    Objects.requireNonNull(upstream).cancel();
                } else {
                    Objects.requireNonNull(upstream).request(Long.MAX_VALUE); // nobody else may ever ask for the value
                }
            } else if (before == GIVEN || (!within && (before == HANDING || before == HELD))) {
                D doubted = Objects.requireNonNull(value);
                Schedulers.parallel().schedule(() -> giveBack.accept(doubted), DOUBT_MILLIS, TimeUnit.MILLISECONDS);
            }
        }
    }
}
