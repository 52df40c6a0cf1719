package io.dmio.testkit;

import io.dmio.BlockDevice;
import io.dmio.DeviceInfo;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/** A simulated disk under a real clock, which these tests wait by, keeps the contract of all devices. */
class SimulatedDiskContractTest {

    @Nested
    class OfSectors extends OnOneThread {
        @Override
        protected BlockDevice open(long sectors) {
            return SimulatedDisk.of("simulated", sectors, Seed.random("sectors"), clock);
        }
    }

    @Nested
    class OfLargeBlocksWithoutCapabilities extends OnOneThread {
        @Override
        protected BlockDevice open(long sectors) {
            DeviceInfo info = DeviceInfo.of("blocks", sectors, "simulated").withBlocks(4096, 4096);
            return new SimulatedDisk(info, Seed.random("blocks"), clock);
        }
    }

    abstract static class OnOneThread extends BlockDeviceContract {
        final Scheduler clock = Schedulers.newSingle("simulated-disk");

        @AfterEach
        void disposeClock() {
            closeDevices();
            clock.dispose();
        }
    }
}
