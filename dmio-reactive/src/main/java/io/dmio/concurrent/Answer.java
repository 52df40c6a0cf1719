package io.dmio.concurrent;

import java.util.Objects;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Mono;

/**
 * The end of one operation of one device: whatever the device does, {@link #ended} is called once. The device may throw when asked or when
 * subscribed to, return null, signal any error, or signal twice; what comes after the end is dropped the way Reactor drops errors, so that
 * somebody hears of it.
 *
 * <p>Written by hand as a subscriber, because Reactor's operators throw the errors they call fatal (a lack of memory or stack, a class that
 * cannot be linked) where they should signal them: nobody would hear of that leg again, while its siblings' bytes are with the kernel.
 * {@code LegEndsTest} has every way to end.
 */
public abstract class Answer implements CoreSubscriber<Object> {

    private static final AtomicIntegerFieldUpdater<Answer> ENDED =
            AtomicIntegerFieldUpdater.newUpdater(Answer.class, "ended");

    @SuppressWarnings("UnusedVariable") // read by its updater
    private volatile int ended;

    /** Assembles what is to be done; may throw anything. */
    protected abstract Mono<?> assemble();

    /**
     * Called once, on the thread that signals the end.
     *
     * @param failure null if all went well
     */
    protected abstract void ended(@Nullable Throwable failure);

    /** Asks the device. Throws nothing but what {@link #ended} throws. */
    public final void ask() {
        try {
            assemble().subscribe(this);
        } catch (Throwable thrown) {
            onError(thrown);
        }
    }

    @Override
    public final void onSubscribe(Subscription ofDevice) {
        ofDevice.request(Long.MAX_VALUE); // never cancelled: what was submitted runs to its end
    }

    @Override
    public void onNext(Object value) {}

    @Override
    public final void onError(Throwable thrown) {
        if (ENDED.compareAndSet(this, 0, 1)) {
            ended(Objects.requireNonNullElseGet(
                    thrown, () -> new NullPointerException("an error signal without an error")));
        } else {
            Dropped.error(thrown, currentContext());
        }
    }

    @Override
    public final void onComplete() {
        if (ENDED.compareAndSet(this, 0, 1)) {
            ended(null);
        }
    }
}
