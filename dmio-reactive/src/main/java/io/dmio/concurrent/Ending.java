package io.dmio.concurrent;

import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.Exceptions;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/**
 * Ends one run of a stream before its source ends. A failure is kept here rather than signalled, since a signal would cancel what is in
 * flight beside it, and several failures would arrive as one composite that nobody wants.
 */
public final class Ending {

    private static final Logger LOG = LoggerFactory.getLogger(Ending.class);

    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    private final AtomicReference<@Nullable Throwable> ofSource = new AtomicReference<>();
    private final Sinks.Empty<Void> told = Sinks.empty();

    /** Notes that it is no use to ask the source for more. */
    public void stop() {
        told.tryEmitEmpty(); // may be called again, or by two at a time: once is enough
    }

    /** Notes a failure, after which it is no use to go on: the stream will end with the first one. */
    public void fail(Throwable thrown) {
        if (failure.compareAndSet(null, thrown)) {
            Throwable before = ofSource.get();
            if (before != null) {
                Exceptions.addSuppressed(thrown, before);
            }
        } else {
            LOG.debug("a stream that had failed already failed once more", thrown);
        }
        stop();
    }

    /** As {@link #fail}, in place of a result. */
    public <T> Mono<T> failed(Throwable thrown) {
        return Mono.defer(() -> {
            fail(thrown);
            return Mono.empty();
        });
    }

    /**
     * As {@link #failed}, for a failure of the source: nothing more comes, and what came is still done. If that fails, too, that failure is
     * told, since a caller that gets only the source's failure may rely on everything before it.
     */
    public <T> Mono<T> sourceFailed(Throwable thrown) {
        return Mono.defer(() -> {
            ofSource.set(thrown);
            stop();
            return Mono.empty();
        });
    }

    /** Returns a Mono that completes when it is no use to ask for more. */
    public Mono<Void> stopped() {
        return told.asMono();
    }

    @Nullable
    public Throwable failure() {
        Throwable first = failure.get();
        return first == null ? ofSource.get() : first;
    }

    /** Returns a Mono that errors with the first failure; empty if there was none. To be subscribed once everything in flight has ended. */
    public <T> Mono<T> signal() {
        return Mono.defer(() -> {
            Throwable first = failure();
            return first == null ? Mono.empty() : Mono.error(first);
        });
    }
}
