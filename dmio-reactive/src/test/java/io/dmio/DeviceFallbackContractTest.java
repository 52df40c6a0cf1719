package io.dmio;

import io.dmio.device.MemoryDevice;
import io.dmio.testkit.BlockDeviceContract;
import java.util.Set;

/** A device that can only be flushed, with all that is done otherwise. */
class DeviceFallbackContractTest extends BlockDeviceContract {

    @Override
    protected BlockDevice open(long sectors) {
        return DeviceFallback.of(
                MemoryDevice.of(DeviceInfo.of("plain", sectors, "memory").withCapabilities(Set.of(Capability.FLUSH))));
    }
}
