package io.dmio.device;

import io.dmio.BlockDevice;
import io.dmio.BlockOp;
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

    /** Every transfer is changed on its way, and changed back. */
    @Nested
    class FlippedTwice extends BlockDeviceContract {
        @Override
        protected BlockDevice open(long sectors) {
            return FaultyDevice.of(
                    FaultyDevice.of(MemoryDevice.of("memory", sectors), Fault.flipped(0)), Fault.flipped(0));
        }
    }

    /** Every write's end is learnt. */
    @Nested
    class WithABadSectorThatIsWrittenFirst extends BlockDeviceContract {
        @Override
        protected BlockDevice open(long sectors) {
            FaultyDevice device = FaultyDevice.of(MemoryDevice.of("memory", sectors), Fault.badSectors(0, sectors));
            device.submit(new BlockOp.WriteZeroes(0, sectors)).block();
            return device;
        }
    }
}
