package io.dmio.mirror;

import io.dmio.DeviceException;
import io.dmio.DeviceInfo;
import io.dmio.Errno;

/** Checks whether a device can become a leg of a running mirror: what the mirror's users rely on stays as it is. */
final class LegFit {

    private LegFit() {}

    /**
     * Refuses a device that does not fit.
     *
     * @param disk the device that is to come in
     * @param mirror the mirror as its users know it
     */
    static void require(LegDisk disk, DeviceInfo mirror) {
        DeviceInfo leg = disk.device().info();
        if (leg.logicalBlockBytes() > mirror.logicalBlockBytes()) {
            throw DeviceException.of(
                    Errno.EINVAL,
                    disk.name(),
                    "blocks of " + leg.logicalBlockBytes() + " bytes: the mirror's users rely on "
                            + mirror.logicalBlockBytes(),
                    MirrorRefusal.LARGER_BLOCKS);
        }
        if (leg.transferBytesMax() < mirror.transferBytesMax()) {
            throw DeviceException.of(
                    Errno.EINVAL,
                    disk.name(),
                    "transfers of up to " + leg.transferBytesMax() + " bytes: the mirror's users rely on "
                            + mirror.transferBytesMax() + ", as its legs had it when it was opened; create a mirror"
                            + " with this leg from the start, and copy to it");
        }
    }
}
