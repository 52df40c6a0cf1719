package io.dmio.proving;

import io.dmio.BlockDevice;
import io.dmio.device.MemoryDevice;
import io.dmio.testkit.BlockDeviceContract;

class PartitionTest extends BlockDeviceContract {

    @Override
    protected BlockDevice open(long sectors) {
        return new Partition(MemoryDevice.of("disk", 64 + sectors + 64), 64, sectors);
    }
}
