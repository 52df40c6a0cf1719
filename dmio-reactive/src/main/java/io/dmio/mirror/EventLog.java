package io.dmio.mirror;

import io.dmio.mirror.MirrorEvent.Kind;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Scheduler;

/** What happened to a mirror: told to whoever listens, logged, and the latest kept. Owned by the mailbox. */
final class EventLog {

    private static final Logger LOG = LoggerFactory.getLogger(Mirror.class);
    private static final int KEPT = 32;

    private final String name;
    private final Scheduler clock;
    private final Sinks.Many<MirrorEvent> events = Sinks.many().multicast().directBestEffort();
    private final Deque<MirrorEvent> last = new ArrayDeque<>();

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
        Answers.safely(() -> events.tryEmitNext(event));
    }

    Flux<MirrorEvent> flux() {
        return events.asFlux();
    }

    List<MirrorEvent> last() {
        return List.copyOf(last);
    }

    void complete() {
        events.tryEmitComplete();
    }
}
