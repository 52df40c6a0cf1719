package io.dmio.concurrent;

import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** The first failure among things that are done side by side, with all other failures suppressed in it. From any thread. */
public final class FirstFailure {

    private @Nullable Throwable first; // guarded by this

    /** Returns the first of two failures, with the other one suppressed in it; a failure is not suppressed in itself. */
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

    /** Returns a failure that came before all that was noted, with that suppressed in it. */
    public synchronized Throwable after(Throwable failure) {
        return first == null ? failure : with(failure, first);
    }

    /** Returns a Mono that completes, or errors with what was noted until it is subscribed. */
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
