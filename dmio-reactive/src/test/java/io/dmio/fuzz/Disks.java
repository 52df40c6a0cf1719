package io.dmio.fuzz;

import io.dmio.Capability;
import io.dmio.DeviceInfo;
import io.dmio.Sectors;
import io.dmio.device.MemoryDevice;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Draws devices of several shapes. The memory of each shape is made once and wiped after use, which takes most of the time. */
final class Disks {

    /** What a disk holds that nobody has written to. */
    static final byte[] NOTHING = new byte[Disk.SECTORS * Sectors.BYTES];

    private static final List<Set<Capability>> CAPABILITIES = List.of(
            EnumSet.complementOf(EnumSet.of(Capability.READ_ONLY)),
            EnumSet.of(Capability.FLUSH, Capability.DISCARD),
            EnumSet.noneOf(Capability.class),
            EnumSet.of(Capability.READ_ONLY, Capability.FLUSH));
    private static final int[] BLOCK_BYTES = {512, 1024, 4096};
    private static final int[] TRANSFER_BLOCKS = {1, 2, 3, 8, 100};
    private static final int ALIGNMENTS = 13; // 1 to 4,096
    private static final Map<Integer, Store> MADE = new HashMap<>();

    private Disks() {}

    /** What a disk is made of. */
    static final class Store {

        private final MemoryDevice memory;
        private boolean used = true;

        private Store(MemoryDevice memory) {
            this.memory = memory;
        }

        MemoryDevice memory() {
            return memory;
        }

        /** From now on it may hold something. */
        void use() {
            used = true;
        }

        private void wipe() {
            if (used) {
                memory.load(0, NOTHING);
                used = false;
            }
        }
    }

    static List<Disk> any(Draw draw, Clock clock) {
        List<Disk> disks = new ArrayList<>();
        int count = 1 + draw.below(3);
        for (int i = 0; i < count; i++) {
            int block = draw.oneIn(4) ? 2 : draw.oneIn(4) ? 1 : 0;
            int alignment = draw.oneIn(2) ? 0 : draw.below(ALIGNMENTS);
            int transfer = draw.below(TRANSFER_BLOCKS.length);
            int capabilities = draw.oneIn(2) ? draw.below(CAPABILITIES.size()) : 0;
            int shape = (((i << 2 | block) << 4 | alignment) << 3 | transfer) << 2 | capabilities;
            LeakCount.spare(() -> MADE.computeIfAbsent(shape, Disks::made).wipe());
            disks.add(new Disk(clock, World.known(MADE.get(shape)), Faults.any(draw)));
        }
        return disks;
    }

    private static Store made(int shape) {
        int block = BLOCK_BYTES[shape >> 9 & 3];
        return new Store(MemoryDevice.of(DeviceInfo.of("disk" + (shape >> 11), Disk.SECTORS, "memory")
                .withBlocks(block, block)
                .withMemoryAlignmentBytes(1 << (shape >> 5 & 15))
                .withTransferBytesMax(block * TRANSFER_BLOCKS[shape >> 2 & 7])
                .withCapabilities(CAPABILITIES.get(shape & 3))));
    }
}
