package io.dmio.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dmio.BlockOp;
import io.dmio.device.MemoryDevice;
import io.dmio.harness.Without;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;

/** Metering where nobody brings Micrometer along. */
class WithoutMicrometerTest {

    @Test
    void micrometerIsNeededByItsMeterAlone() throws Exception {
        try (Without without = Without.jars(entry -> entry.contains("micrometer"))) {
            assertThatThrownBy(() -> without.loadClass("io.micrometer.core.instrument.MeterRegistry"))
                    .isInstanceOf(ClassNotFoundException.class);
            assertThat(without.loadClass(User.class.getName())).isNotEqualTo(User.class);
            assertThat(without.call(User.class)).isEqualTo("metered");
        }
    }

    /** Loaded by a class loader that has all but Micrometer. */
    public static final class User implements Callable<String> {

        /** Meters a device. */
        @Override
        public String call() {
            MeteredDevice.of(MemoryDevice.of("disk", 8), DeviceMeter.none())
                    .submit(new BlockOp.Flush())
                    .block();
            return "metered";
        }
    }
}
