package io.dmio.app.cli;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/**
 * Asks a command to end early, as at Ctrl-C: sources end, what is in flight runs to its end, files get their lengths, and only then the
 * process ends. Thread-safe.
 */
public final class ShutdownSignal {

    private static final int SECONDS_MAX = 10;

    // Created for the first that waits: a command that ends before anybody waits need not load Reactor for it.
    private Sinks.@Nullable Empty<Void> asked; // guarded by this
    private final CountDownLatch ended = new CountDownLatch(1);
    private boolean requested; // guarded by this
    private volatile int code;

    /** Asks everybody to end; a second call does nothing. */
    public void request() {
        Sinks.@Nullable Empty<Void> waiting;
        synchronized (this) {
            waiting = requested ? null : asked;
            requested = true;
        }
        if (waiting != null) {
            waiting.emitEmpty(Sinks.EmitFailureHandler.FAIL_FAST);
        }
    }

    /** Returns whether somebody asked. */
    public synchronized boolean requested() {
        return requested;
    }

    /** Returns a Mono that completes when somebody asks. */
    public synchronized Mono<Void> signal() {
        if (requested) {
            return asked == null ? Mono.empty() : asked.asMono();
        }
        if (asked == null) {
            asked = Sinks.empty();
        }
        return asked.asMono();
    }

    /** Notes that the work is over, with an exit code: a waiting shutdown may go on. */
    public void ended(int with) {
        code = with;
        ended.countDown();
    }

    public boolean hasEnded() {
        return ended.getCount() == 0;
    }

    /** Returns the exit code, once the work is over. */
    public int code() {
        return code;
    }

    /**
     * For a shutdown hook: asks and waits, but not for ever, since a device may never answer.
     *
     * @return whether the work came to its end
     */
    public boolean requestAndAwait() {
        request();
        try {
            return ended.await(SECONDS_MAX, TimeUnit.SECONDS);
        } catch (InterruptedException impatient) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
