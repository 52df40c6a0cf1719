package io.dmio;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.device.MemoryDevice;
import io.netty.buffer.Unpooled;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A wrapper that overrides nothing changes nothing. */
class ForwardingDeviceTest {

    private static final class Plain extends ForwardingDevice {
        Plain(BlockDevice behind) {
            super(behind);
        }
    }

    static Stream<Method> methods() {
        return Arrays.stream(BlockDevice.class.getMethods())
                .filter(method -> !Modifier.isStatic(method.getModifiers()));
    }

    @ParameterizedTest
    @MethodSource("methods")
    void whateverADeviceHasGoesToTheOneBehind(Method method) throws Exception {
        MemoryDevice answering = MemoryDevice.of("memory", 64);
        List<String> asked = new ArrayList<>();
        BlockDevice behind = (BlockDevice) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {BlockDevice.class}, (proxy, called, arguments) -> {
                    asked.add(called.getName());
                    return called.invoke(answering, arguments);
                });
        Object[] arguments = Arrays.stream(method.getParameterTypes())
                .map(ForwardingDeviceTest::argument)
                .toArray();
        @Nullable Object answer = method.invoke(new Plain(behind), arguments);
        assertThat(asked).containsExactly(method.getName());
        if (method.getName().equals("info")) {
            assertThat(answer).isEqualTo(answering.info());
        }
    }

    @Test
    void aWrapperSaysWhatIsBehindIt() {
        assertThat(new Plain(MemoryDevice.of("memory", 64)))
                .asString()
                .startsWith("Plain[")
                .contains("memory");
    }

    private static Object argument(Class<?> type) {
        return type == BlockOp.class ? new BlockOp.Write(8, Unpooled.wrappedBuffer(new byte[512]), false) : (Object) 8L;
    }
}
