package io.dmio.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.DeviceInfo;
import io.dmio.Errno;
import io.dmio.device.MemoryDevice;
import org.junit.jupiter.api.Test;

/** Legs of different blocks in one mirror. */
class MirrorBlocksTest extends MirrorFixture {

    @Test
    void aMirrorOfLargerBlocksThanItsLegsHaveTakesALegThatHasThem() {
        MirrorDevice mirror = create(2, options().equalAlready(true).blockBytes(4096));
        assertThat(mirror.info().logicalBlockBytes()).isEqualTo(4096);
        refused(mirror.submit(writeOf(8, 1, 1)), Errno.EINVAL, "4096-byte block");
        write(mirror, 8, 8, 1);
        get(mirror.close());
        MirrorDevice opened = open(options(), 0, 1); // it is on the legs, and needs no option any more
        get(opened.add(leg(MemoryDevice.of(
                DeviceInfo.of("large-blocks", DATA + METADATA, "memory").withBlocks(4096, 4096)))));
        get(opened.resync());
        allHold(8, 8, 1);
        legsAreEqual();
    }

    @Test
    void aMirrorOfSmallBlocksTakesALegOfLargerOnesWhereItIsOpenedForThat() {
        MirrorDevice mirror = create(2);
        assertThat(mirror.info().logicalBlockBytes()).isEqualTo(512);
        write(mirror, 8, 8, 1);
        get(mirror.close());
        MirrorDevice opened = open(options().blockBytes(4096), 0, 1);
        get(opened.add(leg(MemoryDevice.of(
                DeviceInfo.of("large-blocks", DATA + METADATA, "memory").withBlocks(4096, 4096)))));
        get(opened.remove(2));
        get(opened.close());
        assertThat(open(options(), 0, 1).info().logicalBlockBytes())
                .as("which is not kept")
                .isEqualTo(512);
    }

    @Test
    void aMirrorWhoseSizeIsNoWholeNumberOfTheBlocksThatAreAskedForHasSmallerOnes() {
        get(create(2, options().equalAlready(true).sectorCount(DATA / 2)).close());
        get(MirrorDevice.grow(again(0, 1), DATA / 2 + 2, options().build()).flatMap(MirrorDevice::close));
        MirrorDevice opened = open(options().blockBytes(4096), 0, 1);
        assertThat(opened.info().logicalBlockBytes()).isEqualTo(1024);
        get(opened.add(leg("disk-2")));
        get(opened.close());
    }
}
