package io.dmio.concurrent;

import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** What went wrong first among things that are done side by side, with what else went wrong suppressed in it. From any thread. */
public final class FirstFailure {

    private @Nullable Throwable first; // guarded by this

    /** The first of two failures, with the other one suppressed in it; nothing is suppressed in itself. */
    @SuppressWarnings("ReferenceEquality")
    public static Throwable with(Throwable first, Throwable other) {
        if (first != other) {
            first.addSuppressed(other);
        }
        return first;
    }

    /** Notes a failure. */
    public synchronized void add(Throwable failure) {
        first = first == null ? failure : with(first, failure);
    }

    /** A failure that came before all that was noted, which is suppressed in it. */
    public synchronized Throwable after(Throwable failure) {
        return first == null ? failure : with(failure, first);
    }

    /** Completes, or errors with what was noted until it is subscribed. */
    public <T> Mono<T> signal() {
        return Mono.defer(() -> {
            Throwable failure = now();
            return failure == null ? Mono.empty() : Mono.error(failure);
        });
    }

    private synchronized @Nullable Throwable now() {
        return first;
    }
}
