package io.dmio.metrics;

import io.dmio.BlockDevice;
import io.dmio.device.MemoryDevice;
import io.dmio.testkit.BlockDeviceContract;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;

/** A device that is measured keeps the contract of all devices. */
class MeteredDeviceContractTest extends BlockDeviceContract {

    @Override
    protected BlockDevice open(long sectors) {
        BlockDevice memory = MemoryDevice.of("memory", sectors);
        return MeteredDevice.of(memory, MicrometerMeter.of(new SimpleMeterRegistry(), memory.info()));
    }
}
