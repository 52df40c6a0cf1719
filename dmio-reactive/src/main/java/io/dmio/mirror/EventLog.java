package io.dmio.mirror;

import io.dmio.mirror.MirrorEvent.Kind;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Flux;
import reactor.core.publisher.FluxSink;
import reactor.core.scheduler.Scheduler;

/**
 * What happened to a mirror: told to whoever listens, logged, and the latest kept. Each listener is told by itself, since with
 * Reactor's {@code Sinks} one that throws keeps it from the others. Owned by the mailbox, but for {@link #flux} and
 * {@link #complete}.
 */
final class EventLog {

    private static final Logger LOG = LoggerFactory.getLogger(MirrorEvent.class);
    private static final int KEPT = 32;

    private final String name;
    private final Scheduler clock;
    private final List<FluxSink<MirrorEvent>> listeners = new CopyOnWriteArrayList<>();
    private final Deque<MirrorEvent> last = new ArrayDeque<>();
    private volatile boolean over;

    EventLog(String name, Scheduler clock) {
        this.name = name;
        this.clock = clock;
    }

    void add(Kind kind, int leg, String message) {
        MirrorEvent event = new MirrorEvent(Instant.ofEpochMilli(clock.now(TimeUnit.MILLISECONDS)), kind, leg, message);
        LOG.info("{}: {}", name, message);
        last.add(event);
        if (last.size() > KEPT) {
            last.remove();
        }
        listeners.forEach(one -> Answers.safely(() -> one.next(event)));
    }

    Flux<MirrorEvent> flux() {
        return Flux.create(
                listener -> {
                    listener.onDispose(() -> listeners.remove(listener));
                    listeners.add(listener);
                    if (over) {
                        listener.complete();
                    }
                },
                FluxSink.OverflowStrategy.DROP);
    }

    List<MirrorEvent> last() {
        return List.copyOf(last);
    }

    void complete() {
        over = true;
        listeners.forEach(one -> Answers.safely(one::complete));
    }
}
