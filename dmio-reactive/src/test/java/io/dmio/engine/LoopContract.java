package io.dmio.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.BlockDevice;
import io.dmio.Capability;
import io.dmio.DeviceException;
import io.dmio.Sectors;
import io.dmio.testkit.BlockDeviceContract;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The contract on loop block devices of one engine and sector size, direct or buffered. */
abstract class LoopContract extends BlockDeviceContract {

    private final IoEngine engine;
    private final int sectorBytes;
    private final boolean direct;
    private final List<LoopDevice> loops = new ArrayList<>();

    LoopContract(IoEngine engine, int sectorBytes, boolean direct) {
        this.engine = engine;
        this.sectorBytes = sectorBytes;
        this.direct = direct;
    }

    @Override
    protected BlockDevice open(long sectors) {
        return open(attach(sectors), OpenOptions.readWrite());
    }

    @Override
    protected Optional<BlockDevice> openReadOnly(long sectors) {
        return Optional.of(open(attach(sectors), OpenOptions.readOnly()));
    }

    @Override
    protected boolean copiesHeapMemory() {
        return true;
    }

    @Test
    void aDiskSaysItsBlocksAndCapabilities() {
        BlockDevice device = device();
        assertThat(device.info().logicalBlockBytes()).isEqualTo(sectorBytes);
        assertThat(device.info().sectorCount()).isEqualTo(SECTORS);
        assertThat(device.info().memoryAlignmentBytes()).isEqualTo(direct ? sectorBytes : 1);
        assertThat(device.info().capabilities())
                .contains(Capability.FLUSH, Capability.FUA, Capability.DISCARD, Capability.WRITE_ZEROES);
    }

    @Test
    void aSecondWriterOfADiskIsRefused() {
        LoopDevice loop = attach(SECTORS);
        open(loop, OpenOptions.readWrite());
        assertThat(engine.open(loop.path(), OpenOptions.readWrite())
                        .materialize()
                        .block(PATIENCE))
                .satisfies(signal -> assertThat(signal.getThrowable())
                        .isInstanceOf(DeviceException.class)
                        .hasMessageContaining("EBUSY"));
        open(loop, OpenOptions.readWrite().withShared());
    }

    private BlockDevice open(LoopDevice loop, OpenOptions options) {
        return tracked(engine.open(loop.path(), options.withDirect(direct))
                .blockOptional(PATIENCE)
                .orElseThrow());
    }

    private LoopDevice attach(long sectors) {
        LoopDevice loop = LoopDevice.attach(Sectors.toBytes(sectors), sectorBytes);
        loops.add(loop);
        return loop;
    }

    @AfterEach
    void detach() {
        closeDevices();
        loops.forEach(LoopDevice::close);
    }
}
