package io.dmio.concurrent;

import java.util.concurrent.Callable;
import org.reactivestreams.Publisher;
import reactor.core.Exceptions;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Reactor's {@code defer} for code that may fail in any way, such as a caller's: whatever the code throws or signals is told. What Reactor
 * calls fatal (a missing class, a lack of memory) it throws, in {@code defer} and in operators that the error passes; on a device's thread
 * nobody hears of that, and subscribers wait for ever. So a fatal error is told as an {@link IllegalStateException} that has it as its cause.
 */
public final class Deferred {

    private Deferred() {}

    /**
     * Calls the code at each subscribe.
     *
     * @param call gives what is then subscribed to; null is an error
     * @return signals as that does, or what the call threw
     */
    public static <T> Mono<T> mono(Callable<? extends Mono<? extends T>> call) {
        return Mono.<T>defer(() -> {
                    try {
                        return call.call();
                    } catch (Throwable thrown) {
                        return Mono.error(tellable(thrown));
                    }
                })
                .onErrorMap(Exceptions::isJvmFatal, Deferred::tellable);
    }

    /**
     * The same for many values.
     *
     * @param call gives what is then subscribed to; null is an error
     * @return signals as that does, or what the call threw
     */
    public static <T> Flux<T> flux(Callable<? extends Publisher<? extends T>> call) {
        return Flux.<T>defer(() -> {
                    try {
                        return Flux.from(call.call());
                    } catch (Throwable thrown) {
                        return Flux.error(tellable(thrown));
                    }
                })
                .onErrorMap(Exceptions::isJvmFatal, Deferred::tellable);
    }

    private static Throwable tellable(Throwable failure) {
        return Exceptions.isJvmFatal(failure)
                ? new IllegalStateException("it could not be done: " + failure, failure)
                : failure;
    }
}
