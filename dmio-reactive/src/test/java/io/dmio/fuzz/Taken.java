package io.dmio.fuzz;

import io.dmio.DeviceException;
import io.dmio.Errno;
import java.util.Optional;
import java.util.function.Supplier;
import reactor.core.publisher.Mono;

/** What becomes of numbers that somebody gave: they are taken, or refused by a message that names one of them. */
final class Taken {

    private Taken() {}

    /** What was made of the values; empty if they were refused as promised. Anything else that is thrown is a fault. */
    static <T> Optional<T> of(Supplier<T> made, Object... values) {
        try {
            return Optional.of(made.get());
        } catch (DeviceException refused) { // as a device says it
            require(refused.errno() == Errno.EINVAL, "" + refused);
            return Optional.empty();
        } catch (IllegalArgumentException | IndexOutOfBoundsException refused) {
            String why = String.valueOf(refused.getMessage());
            for (Object value : values) {
                if (why.contains(String.valueOf(value))) {
                    return Optional.empty();
                }
            }
            throw new AssertionError("refused without the value: " + why, refused);
        }
    }

    /** What it comes to on this thread. */
    static <T> T now(Mono<T> mono) {
        return mono.blockOptional().orElseThrow();
    }

    static void require(boolean holds, String what) {
        if (!holds) {
            throw new AssertionError(what);
        }
    }
}
