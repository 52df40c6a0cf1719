package io.dmio.app.copy;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.BlockOp;
import io.dmio.DeviceException;
import io.dmio.Errno;
import java.io.IOException;
import java.util.Map;
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
    void aStreamThatHasNoSpaceIsNotCalledOneThatNobodyReads() {
        Map<String, String> told = Map.of(
                "No space left on device", "ENOSPC",
                "Broken pipe", "EPIPE",
                "Input/output error", "EIO");
        told.forEach((words, errno) -> {
            LegTally tally = new LegTally("standard output");
            tally.ended(new IOException(words), " after 8 bytes");
            assertThat(tally.full()).isTrue();
            assertThat(tally.report().failure())
                    .isEqualTo("standard output: failed with " + errno + " (" + words + " after 8 bytes)");
        });
    }

    @Test
    void aFlushThatFailedIsCalledOne() {
        LegTally tally = new LegTally("b");
        tally.failed(0, 0, DeviceException.of(Errno.EIO, "b", new BlockOp.Flush(), ""));
        assertThat(tally.report().failure()).isEqualTo("b: failed with EIO (flush: the device failed)");
    }
}
