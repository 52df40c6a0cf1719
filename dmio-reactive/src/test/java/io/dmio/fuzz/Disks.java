package io.dmio.fuzz;

import io.dmio.Capability;
import io.dmio.DeviceInfo;
import io.dmio.device.MemoryDevice;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Draws devices of several shapes. The memory of each shape is made once and wiped after use, which takes most of the time. */
final class Disks {

    private static final List<Set<Capability>> CAPABILITIES = List.of(
            EnumSet.complementOf(EnumSet.of(Capability.READ_ONLY)),
            EnumSet.of(Capability.FLUSH, Capability.DISCARD),
            EnumSet.noneOf(Capability.class),
            EnumSet.of(Capability.READ_ONLY, Capability.FLUSH));
    private static final Map<DeviceInfo, MemoryDevice> MADE = new HashMap<>();

    private Disks() {}

    static List<Disk> any(Draw draw, Clock clock) {
        List<Disk> disks = new ArrayList<>();
        int count = 1 + draw.below(3);
        for (int i = 0; i < count; i++) {
            int block = draw.oneIn(4) ? 4096 : draw.oneIn(4) ? 1024 : 512;
            DeviceInfo info = DeviceInfo.of("disk" + i, Disk.SECTORS, "memory")
                    .withBlocks(block, block)
                    .withMemoryAlignmentBytes(draw.oneIn(2) ? 1 : 1 << draw.below(13))
                    .withTransferBytesMax(block * draw.of(1, 2, 3, 8, 100))
                    .withCapabilities(
                            draw.oneIn(2) ? CAPABILITIES.get(draw.below(CAPABILITIES.size())) : CAPABILITIES.get(0));
            disks.add(new Disk(clock, MADE.computeIfAbsent(info, MemoryDevice::of), Faults.any(draw)));
        }
        return disks;
    }
}
