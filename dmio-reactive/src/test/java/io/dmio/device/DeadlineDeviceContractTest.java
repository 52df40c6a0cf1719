package io.dmio.device;

import io.dmio.BlockDevice;
import io.dmio.testkit.BlockDeviceContract;
import java.time.Duration;

/** A deadline that nothing misses changes nothing. */
class DeadlineDeviceContractTest extends BlockDeviceContract {

    @Override
    protected BlockDevice open(long sectors) {
        return DeadlineDevice.of(MemoryDevice.of("memory", sectors), Duration.ofMinutes(1));
    }
}
