package io.dmio.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.BlockOp;
import io.dmio.device.MemoryDevice;
import io.dmio.harness.Without;
import java.util.List;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;

/** Metering where nobody brings Micrometer along. */
class WithoutMicrometerTest {

    @Test
    void micrometerIsNeededByItsMeterAlone() throws Exception {
        assertThat(Without.jars(entry -> entry.contains("micrometer")).call(List.of(Micrometer.class, User.class)))
                .containsExactly("missing", "metered");
    }

    /** Whether it is really not there. */
    public static final class Micrometer implements Callable<String> {

        /** Looks for it. */
        @Override
        public String call() {
            try {
                return "found " + Class.forName("io.micrometer.core.instrument.MeterRegistry");
            } catch (ClassNotFoundException missing) {
                return "missing";
            }
        }
    }

    /** What needs none. */
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
