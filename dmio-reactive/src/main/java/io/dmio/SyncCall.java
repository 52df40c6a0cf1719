package io.dmio;

import io.dmio.concurrent.Trampoline;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** Waits for the result of a sync call on the caller's thread, which is lent meanwhile. */
final class SyncCall {

    private SyncCall() {}

    /**
     * Subscribes and waits.
     *
     * @throws IllegalStateException on a thread that must not block. Reactor's {@code block()} refuses that as well, but subscribes first, so
     *     the caller would be told of a failure although the I/O is done.
     */
    static ErrorBits await(Mono<ErrorBits> service) {
        requireMayBlock();
        return Objects.requireNonNull(result(service), "a service always has a result");
    }

    /** Checks that this thread may wait, before anything is begun; throws as {@link #await} does. */
    static void requireMayBlock() {
        if (Schedulers.isInNonBlockingThread()) {
            throw new IllegalStateException("a sync call blocks, which thread "
                    + Thread.currentThread().getName() + " must not: nothing was done; use the form that gives a Mono");
        }
    }

    /** Subscribes and waits, on a thread that may wait; null for a Mono without a result. */
    static <T> @Nullable T result(Mono<T> service) {
        return Trampoline.apart(() -> service.contextWrite(LentThread::toWait).block());
    }
}
