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

    /**
     * The world as it would be if the power went now.
     *
     * @param ahead a mask of the disks that had done what they do next
     * @param keeps a mask of the disks that kept what was in their caches
     */
    static SmallImage cut(SmallWorld world, int ahead, int keeps) {
        List<SmallDisk.Content> disks = new ArrayList<>();
        for (int i = 0; i < world.disks.size(); i++) {
            disks.add(SmallCut.disk(world, i, ahead).afterCut((keeps >> i & 1) != 0));
        }
        SmallModel model = world.model.copy();
        model.isCut();
        return of(world, disks, model);
    }

    private static SmallImage of(SmallWorld world, List<SmallDisk.Content> disks, SmallModel model) {
        return new SmallImage(
                disks, (BitSet) world.strange.clone(), (BitSet) world.gone.clone(), model, world.older, world.ids());
    }
}
