package io.dmio.mirror;

import java.util.ArrayList;
import java.util.List;

/**
 * The power goes within an event.
 *
 * @param before this write or flush of a disk, counted from 1
 * @param ahead a mask of the disks that have done what they do next, though they were asked later, or as of now
 * @param keeps a mask of the disks that keep what is in their caches
 * @param after what is left
 */
record SmallCut(int before, int ahead, int keeps, SmallImage after) {

    /** Every way in which it can go right now: each disk that has anything in its cache keeps all of it, or loses it. */
    static List<SmallCut> now(SmallWorld world, int before) {
        int asked = 0;
        for (int i = 0; i < world.disks.size(); i++) {
            asked |= world.line.next(world.disks.get(i)).isPresent() ? 1 << i : 0;
        }
        List<SmallCut> cuts = new ArrayList<>();
        for (int ahead = 0; ahead <= asked; ahead++) {
            if ((ahead & ~asked) == 0) {
                cuts.addAll(now(world, before, ahead));
            }
        }
        return cuts;
    }

    private static List<SmallCut> now(SmallWorld world, int before, int ahead) {
        int cached = 0;
        for (int i = 0; i < world.disks.size(); i++) {
            cached |= disk(world, i, ahead).isDirty() ? 1 << i : 0;
        }
        List<SmallCut> cuts = new ArrayList<>();
        for (int keeps = 0; keeps <= cached; keeps++) {
            if ((keeps & ~cached) == 0) {
                cuts.add(new SmallCut(before, ahead, keeps, SmallImage.cut(world, ahead, keeps)));
            }
        }
        return cuts;
    }

    /** A disk of a world, as it is, or as it would be had it done what it does next. */
    static SmallDisk disk(SmallWorld world, int index, int ahead) {
        SmallDisk disk = world.disks.get(index);
        return (ahead >> index & 1) == 0
                ? disk
                : world.line.next(disk).map(disk::ahead).orElse(disk);
    }
}
