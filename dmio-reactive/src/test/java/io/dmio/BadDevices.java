package io.dmio;

import io.dmio.testkit.ManualDevice;
import java.util.function.Consumer;
import java.util.function.Function;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Mono;

/** Devices that do what no device may do. */
final class BadDevices {

    private BadDevices() {}

    static Mono<Void> raw(Consumer<CoreSubscriber<? super Void>> subscribe) {
        return new Mono<>() {
            @Override
            public void subscribe(CoreSubscriber<? super Void> actual) {
                subscribe.accept(actual);
            }
        };
    }

    @SuppressWarnings("unchecked")
    static <T extends Throwable> RuntimeException sneaky(Throwable what) throws T {
        throw (T) what;
    }

    static BlockDevice device(Function<BlockOp, Mono<Void>> submit) {
        return device(ManualDevice.of("bad", 80).info(), submit);
    }

    static BlockDevice device(DeviceInfo info, Function<BlockOp, Mono<Void>> submit) {
        return new BlockDevice() {
            @Override
            public DeviceInfo info() {
                return info;
            }

            @Override
            public Mono<Void> submit(BlockOp op) {
                return submit.apply(op);
            }

            @Override
            public Mono<Void> close() {
                return Mono.empty();
            }
        };
    }

    /** Throws when it is told of an end, where the specification forbids it. */
    static CoreSubscriber<Object> thrower() {
        return new CoreSubscriber<>() {
            @Override
            public void onSubscribe(Subscription subscription) {
                subscription.request(Long.MAX_VALUE);
            }

            @Override
            public void onNext(Object value) {}

            @Override
            public void onError(Throwable thrown) {
                throw new IllegalStateException("of a subscriber");
            }

            @Override
            public void onComplete() {
                throw new IllegalStateException("of a subscriber");
            }
        };
    }
}
