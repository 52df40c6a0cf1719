package io.dmio.mirror;

import io.dmio.DeviceException;
import io.dmio.Errno;
import io.dmio.PagePool;
import io.netty.buffer.ByteBuf;
import java.util.function.Function;
import reactor.core.publisher.Mono;
import reactor.util.context.ContextView;

/**
 * Memory for operations on a leg before the mirror runs on it, or after it has left. A lack of memory is signalled as
 * an error: Reactor would throw it at whichever thread brings the news, and whoever waits would wait for ever.
 */
final class LegMemory {

    private LegMemory() {}

    /**
     * Allocates memory for a use, and releases it when that ends.
     *
     * @param bytes the length of the memory
     * @param use gets the memory; its content is undefined
     * @return a Mono that ends as the use does; errors with ENOMEM if there is no memory
     */
    static <T> Mono<T> with(int bytes, Function<ByteBuf, Mono<T>> use) {
        return Mono.deferContextual(context -> {
            ByteBuf memory;
            try {
                memory = allocate(bytes, context);
            } catch (OutOfMemoryError none) {
                return Mono.error(
                        DeviceException.of(Errno.ENOMEM, "mirror", "no memory to ask its legs: " + none.getMessage()));
            }
            return Mono.using(() -> memory, use, ByteBuf::release);
        });
    }

    private static ByteBuf allocate(int bytes, ContextView context) {
        LegCall.allocates(context);
        return PagePool.shared().allocate(bytes);
    }
}
