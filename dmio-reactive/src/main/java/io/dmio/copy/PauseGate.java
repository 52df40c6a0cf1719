package io.dmio.copy;

import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/** A gate that holds the work that comes while it is shut; the kernel stops a copy by suspending its device. Safe for concurrent use. */
final class PauseGate {

    // guarded by this
    private Sinks.Empty<Void> opened = open();

    private static Sinks.Empty<Void> open() {
        Sinks.Empty<Void> sink = Sinks.empty();
        sink.tryEmitEmpty();
        return sink;
    }

    private boolean shut;

    synchronized void shut() {
        if (!shut) {
            shut = true;
            opened = Sinks.empty();
        }
    }

    synchronized boolean isShut() {
        return shut;
    }

    void reopen() {
        Sinks.Empty<Void> waiting;
        synchronized (this) {
            shut = false;
            waiting = opened;
        }
        waiting.tryEmitEmpty();
    }

    /** Returns a Mono that completes when the gate is open. */
    Mono<Void> pass() {
        return Mono.defer(() -> {
            synchronized (this) {
                return opened.asMono();
            }
        });
    }
}
