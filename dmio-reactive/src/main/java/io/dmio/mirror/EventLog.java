package io.dmio.mirror;

import io.dmio.concurrent.DrainLoop;
import io.dmio.mirror.MirrorEvent.Kind;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;
import reactor.core.publisher.Flux;
import reactor.core.publisher.FluxSink;
import reactor.core.scheduler.Scheduler;

/**
 * The log of what happened to a mirror: keeps the latest events, logs them, and tells them to listeners. A listener is a place among the kept
 * events: it is told the event after the last one it was told, when it asks for one and there is one. So events from before it came and later
 * ones are told in the same way, and a slow listener takes no memory. Each listener is told by itself, since with Reactor's {@code Sinks} one
 * that throws keeps an event from the others. {@link #add} is owned by the mailbox; the rest is safe from any thread.
 */
final class EventLog {

    /** How many events are kept. */
    static final int KEPT = 1_000;

    private static final Logger LOG = LoggerFactory.getLogger(MirrorEvent.class);
    private static final int LAST = 32; // events in a status

    private final String name;
    private final Scheduler clock;
    private final EventLimit limit = new EventLimit(); // in the mailbox
    private final List<Listener> listeners = new CopyOnWriteArrayList<>();
    private volatile boolean over;

    // guarded by this
    private final @Nullable MirrorEvent[] kept = new MirrorEvent[KEPT]; // event n at n - 1, modulo its length
    private long count;

    EventLog(String name, Scheduler clock) {
        this.name = name;
        this.clock = clock;
    }

    void add(Kind kind, int leg, String message) {
        int untold = limit.untold(kind, leg, clock.now(TimeUnit.NANOSECONDS));
        if (untold < 0) {
            return;
        }
        Instant now = Instant.ofEpochMilli(clock.now(TimeUnit.MILLISECONDS));
        String all = untold == 0 ? message : message + ", and " + untold + " more of the kind before it";
        LOG.atLevel(level(kind)).log("{}: {}", name, all);
        synchronized (this) {
            count++;
            kept[place(count)] = new MirrorEvent(count, now, kind, leg, all);
        }
        listeners.forEach(one -> one.loop.run());
    }

    /**
     * Returns the kept events after a number, and then those that happen. A number that has not been reached is from an
     * earlier start, and then all are returned.
     */
    Flux<MirrorEvent> flux(long after) {
        return Flux.create(
                sink -> {
                    Listener listener = new Listener(sink, after > count() ? 0 : after);
                    sink.onDispose(() -> listeners.remove(listener));
                    listeners.add(listener);
                    sink.onRequest(more -> listener.loop.run());
                    listener.loop.run();
                },
                FluxSink.OverflowStrategy.ERROR); // no event is told that was not asked for
    }

    /** The latest few events, oldest first. */
    synchronized List<MirrorEvent> last() {
        List<MirrorEvent> last = new ArrayList<>(LAST);
        for (long number = Math.max(1, count - LAST + 1); number <= count; number++) {
            MirrorEvent event = kept[place(number)];
            if (event != null) {
                last.add(event);
            }
        }
        return last;
    }

    /** Ends the log, as nothing happens any more: a listener that has been told everything is completed. */
    void complete() {
        over = true;
        listeners.forEach(one -> one.loop.run());
    }

    /** How many events there were. */
    synchronized long count() {
        return count;
    }

    /** The first kept event after a number; null if there is none yet. */
    private synchronized @Nullable MirrorEvent after(long number) {
        long next = Math.max(number, count - KEPT) + 1;
        return next <= count ? kept[place(next)] : null;
    }

    private static int place(long number) {
        return (int) ((number - 1) % KEPT);
    }

    private static Level level(Kind kind) {
        return switch (kind.severity()) {
            case INFO -> Level.INFO;
            case WARNING -> Level.WARN;
            case ERROR -> Level.ERROR;
        };
    }

    /** A listener, and how far it is. It is told by one thread at a time, whichever brings an event or asks for one. */
    private final class Listener {
        private final FluxSink<MirrorEvent> sink;
        private final DrainLoop loop = new DrainLoop(this::tellNext);
        private long told; // the number of the last event it was told
        private boolean ended;

        Listener(FluxSink<MirrorEvent> sink, long after) {
            this.sink = sink;
            this.told = after;
        }

        private boolean tellNext() {
            if (ended || sink.isCancelled()) {
                return false;
            }
            boolean last = over; // read before the next event, so that what came before the end is told before it
            MirrorEvent next = after(told);
            if (next == null && last) {
                ended = true;
                sink.complete();
            }
            if (next == null || sink.requestedFromDownstream() == 0) {
                return false;
            }
            told = next.number();
            tell(next);
            return true;
        }

        // A listener that throws, though none may, hears nothing more: what it is told after that would be kept for it.
        private void tell(MirrorEvent event) {
            ended = true;
            try {
                sink.next(event);
                ended = false;
            } finally {
                if (ended) {
                    listeners.remove(this);
                }
            }
        }
    }
}
