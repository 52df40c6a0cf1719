package io.dmio;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dmio.device.MemoryDevice;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;

/** Null is a bug of the caller's, thrown when the method is called and not where somebody subscribes. */
class NullArgumentsTest {

    private static final IoRegion REGION = IoRegion.all(MemoryDevice.of("disk", 8));

    static Stream<Arguments> parameters() {
        return Arrays.stream(DmIo.class.getMethods())
                .filter(method -> method.getDeclaringClass().equals(DmIo.class))
                .filter(method -> !Modifier.isStatic(method.getModifiers()))
                .flatMap(method -> IntStream.range(0, method.getParameterCount())
                        .filter(i -> !method.getParameterTypes()[i].isPrimitive())
                        .mapToObj(i -> Arguments.of(method, i)));
    }

    @ParameterizedTest
    @MethodSource("parameters")
    void aNullIsThrownAtOnce(Method method, int nullAt) {
        @Nullable Object[] arguments = new @Nullable Object[method.getParameterCount()];
        for (int i = 0; i < arguments.length; i++) {
            arguments[i] = i == nullAt ? null : sample(method.getParameterTypes()[i]);
        }
        assertThatThrownBy(() -> method.invoke(DmIo.create().get(1), arguments))
                .isInstanceOf(InvocationTargetException.class)
                .cause()
                .isInstanceOf(NullPointerException.class);
    }

    private static Object sample(Class<?> type) {
        List<Object> samples = List.of(
                1,
                REGION,
                List.of(REGION),
                VmBuffer.of(new byte[4096]),
                WriteOptions.NONE,
                StreamOptions.NONE,
                IoRequest.flush(List.of(REGION)),
                Flux.empty());
        Class<?> wanted = type.equals(int.class) ? Integer.class : type.equals(Publisher.class) ? Flux.class : type;
        return samples.stream()
                .filter(wanted::isInstance)
                .findFirst()
                .orElseThrow(() -> new AssertionError("no sample of " + type));
    }
}
