package io.dmio.concurrent;

import java.util.Objects;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Mono;

/**
 * The end of one operation of one device: whatever the device does, {@link #ended} is called once. It may
 * throw when asked or when subscribed to, give null, signal any error, or signal twice; what comes after the end is dropped
 * the way Reactor drops errors, so somebody hears of it.
 *
 * <p>A subscriber of its own, because Reactor's operators throw the errors they call fatal (a lack of memory or stack, a class
 * that cannot be linked) where they should signal them: nobody would hear of that leg again, while its siblings' bytes are
 * with the kernel. {@code LegEndsTest} has every way to end.
 */
public abstract class Answer implements CoreSubscriber<Object> {

    private static final AtomicIntegerFieldUpdater<Answer> ENDED =
            AtomicIntegerFieldUpdater.newUpdater(Answer.class, "ended");

    @SuppressWarnings("UnusedVariable") // read by its updater
    private volatile int ended;

    /** Assembles what is to be done; may throw whatever it likes. */
    protected abstract Mono<?> assemble();

    /**
     * It is over, and said so; called once, on the thread that said it.
     *
     * @param failure null if all went well
     */
    protected abstract void ended(@Nullable Throwable failure);

    /** Asks. Throws nothing but what {@link #ended} does. */
    public final void ask() {
        try {
            assemble().subscribe(this);
        } catch (Throwable thrown) {
            onError(thrown);
        }
    }

    @Override
    public final void onSubscribe(Subscription ofDevice) {
        ofDevice.request(Long.MAX_VALUE); // never cancelled: what was submitted runs out
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
