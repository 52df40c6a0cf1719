package io.dmio.harness;

import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;

/** Something that is asked for once and ends when somebody says so, or never; for controlled schedules. */
public final class HandAnswer<T> extends Mono<T> {

    private final Runnable whenAsked;
    private final AtomicInteger asked = new AtomicInteger();
    private volatile @Nullable CoreSubscriber<? super T> subscriber;
    private volatile boolean given;

    /** Nobody has asked yet; looks around when somebody does. */
    public HandAnswer(Runnable whenAsked) {
        this.whenAsked = whenAsked;
    }

    @Override
    public void subscribe(CoreSubscriber<? super T> actual) {
        asked.incrementAndGet();
        whenAsked.run();
        actual.onSubscribe(Operators.emptySubscription());
        subscriber = actual;
    }

    /** All went well, if somebody asked; says so once more if it was said before. */
    public void complete() {
        CoreSubscriber<? super T> to = subscriber;
        if (to != null) {
            given = true;
            to.onComplete();
        }
    }

    /** It failed; false if nobody asked. */
    public boolean fail(Throwable why) {
        CoreSubscriber<? super T> to = subscriber;
        if (to == null) {
            return false;
        }
        given = true;
        to.onError(why);
        return true;
    }

    /** Whether somebody asked and was answered. */
    public boolean isGiven() {
        return given;
    }

    /** How often somebody asked. */
    public int asked() {
        return asked.get();
    }
}
