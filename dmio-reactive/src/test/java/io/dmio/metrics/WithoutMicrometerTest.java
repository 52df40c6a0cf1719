package io.dmio.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dmio.BlockOp;
import io.dmio.device.MemoryDevice;
import java.io.File;
import java.io.IOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** Metering where nobody brings Micrometer along. */
class WithoutMicrometerTest {

    @Test
    void micrometerIsNeededByItsMeterAlone() throws IOException, ReflectiveOperationException {
        URL[] others = Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(entry -> !entry.contains("micrometer"))
                .map(WithoutMicrometerTest::url)
                .toArray(URL[]::new);
        try (URLClassLoader without = new URLClassLoader(others, ClassLoader.getPlatformClassLoader())) {
            assertThatThrownBy(() -> without.loadClass("io.micrometer.core.instrument.MeterRegistry"))
                    .isInstanceOf(ClassNotFoundException.class);
            Class<?> user = without.loadClass(User.class.getName());
            assertThat(user).isNotEqualTo(User.class);
            assertThat(user.getMethod("use").invoke(null)).isEqualTo("metered");
        }
    }

    private static URL url(String entry) {
        try {
            return Path.of(entry).toUri().toURL();
        } catch (MalformedURLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Loaded by a class loader that has all but Micrometer. */
    public static final class User {

        /** Meters a device. */
        public static String use() {
            MeteredDevice.of(MemoryDevice.of("disk", 8), DeviceMeter.none())
                    .submit(new BlockOp.Flush())
                    .block();
            return "metered";
        }
    }
}
