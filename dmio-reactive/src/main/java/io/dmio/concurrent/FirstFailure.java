package io.dmio.concurrent;

import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** What went wrong first among things that are done side by side, with what else went wrong suppressed in it. From any thread. */
public final class FirstFailure {

    private @Nullable Throwable first; // guarded by this

    /** Notes a failure. */
    @SuppressWarnings("ReferenceEquality") // one is not suppressed in itself
    public synchronized void add(Throwable failure) {
        if (first == null) {
            first = failure;
        } else if (first != failure) {
            first.addSuppressed(failure);
        }
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
