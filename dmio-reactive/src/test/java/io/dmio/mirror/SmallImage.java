package io.dmio.mirror;

import io.dmio.mirror.disk.LegLayout;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.List;

/**
 * A world in which no mirror runs. What begins there begins with what disks hold and nothing else.
 *
 * @param disks what they hold
 * @param strange which of them are another disk, and were not brought up to date since
 * @param gone which of them were removed
 * @param model what may be read
 * @param older what was on them when the mirror had been made
 * @param ids how many identities were given away
 */
record SmallImage(
        List<SmallDisk.Content> disks,
        BitSet strange,
        BitSet gone,
        SmallModel model,
        List<SmallSectors> older,
        long ids) {

    static SmallImage blank(int legs, int chunks) {
        int sectors = chunks * SmallWorld.CHUNK + LegLayout.METADATA_UNITS_MIN * LegLayout.UNIT_SECTORS;
        List<SmallDisk.Content> disks = Collections.nCopies(legs, SmallDisk.Content.blank(sectors));
        return new SmallImage(disks, new BitSet(), new BitSet(), new SmallModel(chunks), new ArrayList<>(), 0);
    }

    /** The world as it is, but that no mirror runs. */
    static SmallImage of(SmallWorld world) {
        return of(world, world.disks.stream().map(SmallDisk::content).toList(), world.model.copy());
    }

    static SmallImage of(SmallWorld world, List<SmallDisk.Content> disks, SmallModel model) {
        return new SmallImage(
                disks, (BitSet) world.strange.clone(), (BitSet) world.gone.clone(), model, world.older, world.ids());
    }

    /** Stands for all that a world is made of again, but the numbers that count up. */
    long hash() {
        long hash = model.mixed(SmallHash.mixed(SmallHash.mixed(SmallHash.EMPTY, mask(strange)), mask(gone)));
        for (SmallDisk.Content disk : disks) {
            hash = disk.cached().mixed(disk.durable().mixed(SmallHash.mixed(hash, disk.fails() ? 1 : 0)));
        }
        return hash;
    }

    private static long mask(BitSet disks) {
        return disks.isEmpty() ? 0 : disks.toLongArray()[0];
    }
}
