package io.dmio.mirror;

import io.dmio.BlockOp;
import io.dmio.Sectors;
import io.dmio.mirror.SmallDisk.Content;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;

/**
 * The power goes within an event.
 *
 * @param before this write or flush of a disk, counted from 1
 * @param ahead an octal digit for each disk: what it had done of what it does next, though it was asked later, or as of now
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

    /** How far a disk was with what it does next. */
    enum Ahead {
        /** It had not begun. */
        NOT(0),
        /** It had done it. */
        DONE(1),
        /** The first sector is new. */
        FIRST(2),
        /** All but the first sector are new. */
        REST(3),
        /** What was there cannot be read any more, and what was to be there not yet. */
        UNREADABLE(4);

        private final int digit;

        Ahead(int digit) {
            this.digit = digit;
        }

        /** What is left of a write. */
        void tear(BlockOp.Write write, SmallSectors sectors) {
            int at = Math.toIntExact(write.sector());
            ByteBuf from = write.from();
            switch (this) {
                case NOT -> {}
                case DONE -> sectors.write(at, from);
                case FIRST -> sectors.write(at, from.slice(0, Sectors.BYTES));
                case REST -> sectors.write(at + 1, from.slice(Sectors.BYTES, from.capacity() - Sectors.BYTES));
                case UNREADABLE -> sectors.spoil(at, Math.toIntExact(write.sectorCount()));
            }
        }
    }

    /** Every way in which it can go right now: each disk that has anything in its cache keeps all of it, or loses it. */
    static List<SmallCut> now(SmallWorld world, int before) {
        SmallModel model = world.model.copy();
        model.isCut();
        List<SmallCut> cuts = new ArrayList<>();
        BiConsumer<Integer, List<Left>> use = (ahead, left) -> addAll(
                left,
                (keeps, disks) -> cuts.add(new SmallCut(before, ahead, keeps, SmallImage.of(world, disks, model))));
        new Ways(world, use).each();
        return cuts;
    }

    /** What may be left of the disks, by how far each was. */
    private static final class Ways {
        private final List<Map<Ahead, Left>> disks = new ArrayList<>();
        private final BiConsumer<Integer, List<Left>> use;
        private final int unreadable; // bit i: something on disk i cannot be read

        Ways(SmallWorld world, BiConsumer<Integer, List<Left>> use) {
            this.use = use;
            int mask = 0;
            for (SmallDisk disk : world.disks) {
                mask |= disk.durable().isReadable() && disk.cached().isReadable() ? 0 : 1 << disks.size();
                disks.add(ofDisk(world, disk));
            }
            unreadable = mask;
        }

        private static Map<Ahead, Left> ofDisk(SmallWorld world, SmallDisk disk) {
            Map<Ahead, Left> ways = new EnumMap<>(Ahead.class);
            ways.put(Ahead.NOT, Left.of(disk));
            world.line.next(disk).ifPresent(op -> {
                ways.put(Ahead.DONE, Left.of(disk.ahead(op)));
                if (world.setup.isTorn() && op instanceof BlockOp.Write write && write.sectorCount() > 1) {
                    for (Ahead how : EnumSet.range(Ahead.FIRST, Ahead.UNREADABLE)) {
                        ways.put(how, Left.of(disk.torn(write, how)));
                    }
                }
            });
            return ways;
        }

        void each() {
            from(0, 0, unreadable, new ArrayList<>());
        }

        // No more than one disk at a time has anything that cannot be read.
        private void from(int disk, int ahead, int spoilt, List<Left> left) {
            if (disk == disks.size()) {
                use.accept(ahead, List.copyOf(left));
                return;
            }
            disks.get(disk).forEach((how, is) -> {
                int all = spoilt | (how == Ahead.UNREADABLE ? 1 << disk : 0);
                if (how != Ahead.UNREADABLE || Integer.bitCount(all) == 1) {
                    left.add(is);
                    from(disk + 1, ahead | (how.digit << (3 * disk)), all, left);
                    left.remove(left.size() - 1);
                }
            });
        }
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
