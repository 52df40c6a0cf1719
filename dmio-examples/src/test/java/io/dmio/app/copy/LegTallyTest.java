package io.dmio.app.copy;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.BlockOp;
import io.dmio.DeviceException;
import io.dmio.Errno;
import org.junit.jupiter.api.Test;

class LegTallyTest {

    @Test
    void whatIsToldBesideItIsNotToldTwice() {
        LegTally tally = new LegTally("b");
        tally.failed(8, 8, DeviceException.of(Errno.EIO, "b", BlockOp.Kind.WRITE, 8, 8, "odd): of sectors [0, 1)"));
        assertThat(tally.report().failure())
                .isEqualTo("b: failed with EIO (odd): of sectors [0, 1)); undefined: sectors [8, 16)");
    }

    @Test
    void aFlushThatFailedIsCalledOne() {
        LegTally tally = new LegTally("b");
        tally.failed(0, 0, DeviceException.of(Errno.EIO, "b", new BlockOp.Flush(), ""));
        assertThat(tally.report().failure()).isEqualTo("b: failed with EIO (flush: the device failed)");
    }
}
