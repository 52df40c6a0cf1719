package io.dmio.device;

import io.dmio.BlockDevice;
import io.dmio.testkit.BlockDeviceContract;
import java.time.Duration;
import org.junit.jupiter.api.Nested;

/** A device under a plan that harms nothing keeps the contract of all devices. */
class FaultyDeviceContractTest {

    @Nested
    class WithoutFaults extends BlockDeviceContract {
        @Override
        protected BlockDevice open(long sectors) {
            return FaultyDevice.of(MemoryDevice.of("memory", sectors));
        }
    }

    /** Every operation ends late, on another thread. */
    @Nested
    class Delayed extends BlockDeviceContract {
        @Override
        protected BlockDevice open(long sectors) {
            return FaultyDevice.of(MemoryDevice.of("memory", sectors), Fault.delayed(Duration.ofNanos(1)));
        }
    }

    /** Every operation is changed on its way, to what it was. */
    @Nested
    class TornAfterTheEnd extends BlockDeviceContract {
        @Override
        protected BlockDevice open(long sectors) {
            return FaultyDevice.of(MemoryDevice.of("memory", sectors), Fault.tornUnnoticed(Long.MAX_VALUE / 512));
        }
    }
}
