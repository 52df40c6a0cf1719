package io.dmio;

import io.dmio.device.MemoryDevice;
import io.dmio.testkit.BlockDeviceContract;

/** A wrapper that overrides nothing keeps the contract of all devices. */
class ForwardingDeviceContractTest extends BlockDeviceContract {

    @Override
    protected BlockDevice open(long sectors) {
        return new ForwardingDevice(MemoryDevice.of("memory", sectors)) {};
    }
}
