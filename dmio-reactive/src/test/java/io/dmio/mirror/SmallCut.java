package io.dmio.mirror;

import io.dmio.mirror.SmallDisk.Content;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;

/**
 * The power goes within an event.
 *
 * @param before this write or flush of a disk, counted from 1
 * @param ahead a mask of the disks that have done what they do next, though they were asked later, or as of now
 * @param keeps a mask of the disks that keep what is in their caches
 * @param after what is left
 */
record SmallCut(int before, int ahead, int keeps, SmallImage after) {

    /** What is left of a disk. */
    private record Left(boolean isDirty, Content lost, Content kept) {

        static Left of(SmallDisk disk) {
            return new Left(disk.isDirty(), disk.afterCut(false), disk.afterCut(true));
        }
    }

    /** Every way in which it can go right now: each disk that has anything in its cache keeps all of it, or loses it. */
    static List<SmallCut> now(SmallWorld world, int before) {
        List<Left> asIs = new ArrayList<>();
        List<Left> ahead = new ArrayList<>();
        int asked = 0;
        for (int i = 0; i < world.disks.size(); i++) {
            SmallDisk disk = world.disks.get(i);
            asIs.add(Left.of(disk));
            ahead.add(world.line.next(disk).map(op -> Left.of(disk.ahead(op))).orElse(asIs.get(i)));
            asked |= world.line.next(disk).isPresent() ? 1 << i : 0;
        }
        SmallModel model = world.model.copy();
        model.isCut();
        List<SmallCut> cuts = new ArrayList<>();
        for (int mask = 0; mask <= asked; mask++) {
            if ((mask & ~asked) == 0) {
                List<Left> left = new ArrayList<>();
                for (int i = 0; i < asIs.size(); i++) {
                    left.add((mask >> i & 1) == 0 ? asIs.get(i) : ahead.get(i));
                }
                int all = mask;
                addAll(
                        left,
                        (keeps, disks) ->
                                cuts.add(new SmallCut(before, all, keeps, SmallImage.of(world, disks, model))));
            }
        }
        return cuts;
    }

    private static void addAll(List<Left> left, BiConsumer<Integer, List<Content>> cuts) {
        int cached = 0;
        for (int i = 0; i < left.size(); i++) {
            cached |= left.get(i).isDirty ? 1 << i : 0;
        }
        for (int keeps = 0; keeps <= cached; keeps++) {
            if ((keeps & ~cached) == 0) {
                List<Content> disks = new ArrayList<>();
                for (int i = 0; i < left.size(); i++) {
                    disks.add((keeps >> i & 1) != 0 ? left.get(i).kept : left.get(i).lost);
                }
                cuts.accept(keeps, disks);
            }
        }
    }
}
