package io.dmio.mirror;

import java.util.ArrayList;
import java.util.List;

/**
 * The power goes within an event.
 *
 * @param before this write or flush of a disk, counted from 1
 * @param keeps a mask of the disks that keep what is in their caches
 * @param after what is left
 */
record SmallCut(int before, int keeps, SmallImage after) {

    /** Every way in which it can go right now: each disk that has anything in its cache keeps all of it, or loses it. */
    static List<SmallCut> now(SmallWorld world, int before) {
        int cached = 0;
        for (int i = 0; i < world.disks.size(); i++) {
            cached |= world.disks.get(i).isDirty() ? 1 << i : 0;
        }
        List<SmallCut> cuts = new ArrayList<>();
        for (int keeps = 0; keeps <= cached; keeps++) {
            if ((keeps & ~cached) == 0) {
                cuts.add(new SmallCut(before, keeps, SmallImage.cut(world, keeps)));
            }
        }
        return cuts;
    }
}
