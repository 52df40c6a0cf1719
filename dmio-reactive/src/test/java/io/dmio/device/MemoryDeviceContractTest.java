package io.dmio.device;

import io.dmio.BlockDevice;
import io.dmio.Capability;
import io.dmio.DeviceInfo;
import io.dmio.testkit.BlockDeviceContract;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Nested;

/** Devices in memory, and wrappers that have nothing to do, keep the contract of all devices. */
class MemoryDeviceContractTest {

    @Nested
    class InHeapMemory extends BlockDeviceContract {
        @Override
        protected BlockDevice open(long sectors) {
            return MemoryDevice.of("heap", sectors);
        }

        @Override
        protected Optional<BlockDevice> openReadOnly(long sectors) {
            DeviceInfo info = DeviceInfo.of("read-only", sectors, "memory");
            return Optional.of(MemoryDevice.of(info.withCapabilities(Set.of(Capability.READ_ONLY))));
        }
    }

    @Nested
    class InDirectMemoryOfLargeBlocks extends BlockDeviceContract {
        @Override
        protected BlockDevice open(long sectors) {
            return MemoryDevice.direct(MemoryDevice.of("direct", sectors).info().withBlocks(4096, 4096));
        }
    }

    @Nested
    class WithoutCapabilities extends BlockDeviceContract {
        @Override
        protected BlockDevice open(long sectors) {
            return MemoryDevice.of(DeviceInfo.of("bare", sectors, "memory"));
        }
    }
}
