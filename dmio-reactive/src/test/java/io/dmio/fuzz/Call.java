package io.dmio.fuzz;

import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;

/** One subscription to something of the library: gets no more than it asked for, and exactly one end unless it leaves. */
abstract class Call<T> implements CoreSubscriber<T> {

    final World world;
    private @Nullable Subscription subscription;
    private long demand;
    private boolean left;
    private boolean ended;

    Call(World world) {
        this.world = world;
    }

    /** Asks for the first {@code demand}. */
    final void run(Publisher<T> publisher, long first) {
        demand = first;
        publisher.subscribe(this);
        if (subscription == null) {
            World.fault(this + " was not subscribed to");
        }
    }

    abstract void value(T value);

    /** It has ended well, or, with a failure, badly. */
    abstract void end(@Nullable Throwable failure);

    /** It was left before its end, and nothing is in flight any more. */
    abstract void drained();

    /** Nothing is in flight any more, however it ended. */
    void afterwards() {}

    /** Whether it is neither left nor ended. */
    final boolean isOpen() {
        return !left && !ended;
    }

    final boolean isLeft() {
        return left;
    }

    final void cancel() {
        left = true;
        World.known(subscription).cancel();
    }

    final void pull(long more) {
        demand = demand + more < 0 ? Long.MAX_VALUE : demand + more;
        World.known(subscription).request(more);
    }

    /** Goes on by a drawn step where it waits for whoever calls. */
    void step() {}

    /** Goes on to its end where it waits for whoever calls; whether it did. */
    boolean goOn() {
        return false;
    }

    @Override
    public final void onSubscribe(Subscription given) {
        if (subscription != null) {
            World.fault(this + " was subscribed to twice");
        }
        subscription = given;
        if (demand > 0) {
            given.request(demand);
        }
    }

    @Override
    public final void onNext(T value) {
        if (ended || demand == 0 || subscription == null) {
            World.fault(this + " was given what it did not ask for: " + value);
        }
        demand -= demand == Long.MAX_VALUE ? 0 : 1;
        value(value);
    }

    @Override
    public final void onError(Throwable failure) {
        ends(failure);
    }

    @Override
    public final void onComplete() {
        ends(null);
    }

    private void ends(@Nullable Throwable failure) {
        if (ended) {
            World.fault(this + " has ended twice, the second time with " + failure);
            return;
        }
        ended = true;
        if (left) {
            return; // too late, and no harm: it is seen to when all is drained
        }
        try {
            end(failure);
        } catch (AssertionError found) {
            World.fault(found);
        }
    }
}
