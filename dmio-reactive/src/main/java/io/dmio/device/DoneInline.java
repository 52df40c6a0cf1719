package io.dmio.device;

import io.dmio.DeviceException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;

/**
 * An operation that is done before {@code subscribe} returns. Cold: each subscription is one operation. Not {@code Mono.fromRunnable}, which
 * throws what Reactor calls fatal, and takes an exception of its subscriber for a failure of the device.
 */
final class DoneInline extends Mono<Void> {

    private final Supplier<@Nullable DeviceException> operation;

    /**
     * Creates an operation.
     *
     * @param operation does it; returns its failure, or null, and throws nothing
     */
    DoneInline(Supplier<@Nullable DeviceException> operation) {
        this.operation = operation;
    }

    @Override
    public void subscribe(CoreSubscriber<? super Void> actual) {
        Asked asked = new Asked();
        actual.onSubscribe(asked);
        if (asked.cancelled) {
            return;
        }
        DeviceException failure = operation.get();
        if (failure == null) {
            actual.onComplete();
        } else {
            actual.onError(failure);
        }
    }

    /** The subscription, which can be cancelled before the operation has begun. */
    private static final class Asked implements Subscription {

        private volatile boolean cancelled;

        @Override
        public void request(long n) {
            Operators.validate(n);
        }

        @Override
        public void cancel() {
            cancelled = true;
        }
    }
}
