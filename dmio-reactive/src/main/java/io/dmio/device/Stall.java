package io.dmio.device;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Queue;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;

/**
 * Where operations wait while a device is stalled: first come, first released. Waiters are signalled on the releasing
 * thread, outside the lock. They must not be cancelled: their owner is the device, which never does.
 */
final class Stall {

    private final Queue<MonoSink<Void>> held = new ArrayDeque<>();
    private final List<Watcher> watchers = new ArrayList<>();
    private boolean on;

    private record Watcher(int count, MonoSink<Void> sink) {}

    /** Starts the stall: from now on every operation waits. */
    synchronized void start() {
        on = true;
    }

    synchronized boolean isOn() {
        return on;
    }

    synchronized int count() {
        return held.size();
    }

    /**
     * Waits for release.
     *
     * @param inAnyCase even while nothing is stalled
     * @return a Mono that completes at once or when released
     */
    Mono<Void> pass(boolean inAnyCase) {
        return Mono.create(sink -> {
            if (!hold(sink, inAnyCase)) {
                sink.success();
            }
            seen().forEach(MonoSink::success);
        });
    }

    /** Ends the stall: no operation waits from now on, and those that wait go on. */
    void end() {
        int count;
        synchronized (this) {
            on = false;
            count = held.size();
        }
        release(count);
    }

    /** Lets the first {@code count} operations go on; the others, and those that come, wait as before. */
    void release(int count) {
        for (int i = 0; i < count; i++) {
            @Nullable MonoSink<Void> next = poll();
            if (next == null) {
                return;
            }
            next.success();
        }
    }

    /** Returns a Mono that completes when at least {@code count} operations wait at the same time. */
    Mono<Void> reached(int count) {
        return Mono.create(sink -> {
            Watcher watcher = new Watcher(count, sink);
            sink.onCancel(() -> forget(watcher));
            watch(watcher);
            seen().forEach(MonoSink::success);
        });
    }

    private synchronized boolean hold(MonoSink<Void> sink, boolean inAnyCase) {
        return (on || inAnyCase) && held.add(sink);
    }

    private synchronized @Nullable MonoSink<Void> poll() {
        return held.poll();
    }

    private synchronized void watch(Watcher watcher) {
        watchers.add(watcher);
    }

    /** Returns how many subscribers wait for {@link #reached}. */
    synchronized int watcherCount() {
        return watchers.size();
    }

    private synchronized void forget(Watcher watcher) {
        watchers.remove(watcher);
    }

    private synchronized List<MonoSink<Void>> seen() {
        List<MonoSink<Void>> satisfied = new ArrayList<>();
        for (Iterator<Watcher> all = watchers.iterator(); all.hasNext(); ) {
            Watcher watcher = all.next();
            if (held.size() >= watcher.count()) {
                all.remove();
                satisfied.add(watcher.sink());
            }
        }
        return satisfied;
    }
}
