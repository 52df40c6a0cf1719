package io.dmio.concurrent;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;

/**
 * The end of something that any number of subscribers may wait for. Each is signalled, whatever the others throw; Reactor's
 * {@code Sinks.empty()} signals all in one loop, which stops at the first that throws. Safe from any thread; never blocks.
 */
public final class Completion {

    // guarded by this
    private final List<MonoSink<Void>> waiting = new ArrayList<>(1);
    private boolean over;
    private @Nullable Throwable failure;

    /** Creates a completion that has not come yet. */
    public Completion() {}

    /**
     * Does something once for all subscribers, such as closing.
     *
     * @param work what to do; the first subscriber of the result subscribes to it, and it goes on if all of them cancel
     * @return a cold Mono; each subscription ends as the work does
     */
    public static Mono<Void> once(Mono<Void> work) {
        Completion end = new Completion();
        AtomicBoolean begun = new AtomicBoolean();
        return Mono.defer(() -> {
            if (begun.compareAndSet(false, true)) {
                work.subscribe(never -> {}, end::end, () -> end.end(null));
            }
            return end.await();
        });
    }

    /**
     * Waits for the end.
     *
     * @return a Mono that completes, or errors, when the end has come, and at once if it came before
     */
    public Mono<Void> await() {
        return Mono.create(sink -> {
            if (isOverOrWaits(sink)) {
                tell(sink);
            } else {
                sink.onDispose(() -> leave(sink));
            }
        });
    }

    /**
     * Ends the wait; the first call decides how. Signals all subscribers, on this thread; throws nothing.
     *
     * @param with the error that they get, or null for completion
     */
    public void end(@Nullable Throwable with) {
        List<MonoSink<Void>> all;
        synchronized (this) {
            if (over) {
                return;
            }
            over = true;
            failure = with;
            all = List.copyOf(waiting);
            waiting.clear();
        }
        for (MonoSink<Void> one : all) {
            try {
                tell(one);
            } catch (Throwable thrown) { // although the specification forbids it
                Dropped.error(thrown, one.contextView());
            }
        }
    }

    private synchronized boolean isOverOrWaits(MonoSink<Void> sink) {
        return over || !waiting.add(sink);
    }

    private synchronized void leave(MonoSink<Void> sink) {
        waiting.remove(sink);
    }

    private void tell(MonoSink<Void> sink) {
        if (failure == null) { // written before it was over
            sink.success();
        } else {
            sink.error(failure);
        }
    }
}
