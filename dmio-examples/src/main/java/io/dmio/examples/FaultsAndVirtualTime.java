package io.dmio.examples;

import io.dmio.BlockDevice;
import io.dmio.BlockOp;
import io.dmio.Errno;
import io.dmio.device.Fault;
import io.dmio.device.FaultyDevice;
import java.time.Duration;

/**
 * A failing disk for tests: each write takes half a minute, and every third fails. Its clock is Reactor's, so a test under
 * {@code StepVerifier.withVirtualTime} does not wait.
 */
public final class FaultsAndVirtualTime {

    private FaultsAndVirtualTime() {}

    /**
     * Makes a disk fail.
     *
     * @param disk any, such as a {@link io.dmio.device.MemoryDevice}
     * @return the same disk, dying
     */
    public static FaultyDevice dying(BlockDevice disk) {
        return FaultyDevice.of(
                disk,
                Fault.delayed(Duration.ofSeconds(30)).on(BlockOp.Kind.WRITE),
                Fault.errno(Errno.EIO).on(BlockOp.Kind.WRITE).upDown(2, 1));
    }
}
