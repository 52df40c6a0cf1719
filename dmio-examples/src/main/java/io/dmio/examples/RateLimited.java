package io.dmio.examples;

import io.netty.buffer.ByteBuf;
import java.time.Duration;
import java.util.function.Function;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * A background copy that leaves room for others: {@code client.write(legs, source.transform(RateLimited.to(bytes)))}. As demand flows
 * upstream, holding back a buffer holds back the source.
 */
public final class RateLimited {

    private RateLimited() {}

    /**
     * Limits a stream.
     *
     * @param bytesPerSecond at least 1
     * @return an operator: each buffer waits for the time its bytes take
     */
    public static Function<Flux<ByteBuf>, Flux<ByteBuf>> to(long bytesPerSecond) {
        if (bytesPerSecond < 1) {
            throw new IllegalArgumentException(bytesPerSecond + " bytes per second: at least 1");
        }
        return source -> source.concatMap(
                buffer -> Mono.delay(time(buffer.readableBytes(), bytesPerSecond))
                        .map(over -> buffer)
                        .doOnCancel(buffer::release),
                0);
    }

    private static Duration time(int bytes, long bytesPerSecond) {
        return Duration.ofNanos((long) (bytes * 1e9 / bytesPerSecond));
    }
}
