package io.dmio.mirror;

import io.dmio.BlockOp;
import io.dmio.DeviceException;
import io.dmio.mirror.disk.BitmapSector;
import io.dmio.mirror.disk.LegLayout;
import io.dmio.mirror.disk.LegMarks;
import io.dmio.mirror.disk.LegRecord;
import io.dmio.mirror.disk.Membership;
import io.dmio.mirror.disk.Planes;
import io.dmio.mirror.disk.Superblock;
import io.dmio.testkit.SimulatedDisk;
import io.netty.buffer.Unpooled;
import java.util.List;
import java.util.SplittableRandom;
import java.util.UUID;

/** What may be on a simulated machine's disk. */
final class LegImages {

    private LegImages() {}

    /** The number of the batch that a leg's bitmap was written by. */
    static long batch(UUID mirror, byte[] image, int chunkSectors) {
        int unit = (int) LegLayout.of("", SimulatedMachine.LEG_SECTORS, chunkSectors)
                        .unitSector(Planes.DIRTY, 0)
                * 512;
        return BitmapSector.mark(mirror, Unpooled.wrappedBuffer(image, unit, LegLayout.SLOT_BYTES));
    }

    /** Of a leg of that name, of another mirror. */
    static byte[] foreignSuperblock(SplittableRandom random, String name, int chunkSectors) {
        UUID id = new UUID(random.nextLong(), 1);
        LegRecord record = new LegRecord(id, LegRecord.State.IN, false, LegMarks.NONE, name);
        UUID mirror = new UUID(random.nextLong(), 2);
        Membership other = Membership.first(mirror, 7, SimulatedMachine.DATA_SECTORS, chunkSectors, 1)
                .with(0, record)
                .next();
        return new Superblock(other, 0, SimulatedMachine.LEG_SECTORS).encode();
    }

    /** Whether a superblock is about to be written to a leg that has a later one of its own. */
    static boolean isOutrun(SimulatedDisk disk, BlockOp op) {
        if (!(op instanceof BlockOp.Write write) || op.sector() < SimulatedMachine.SUPERBLOCKS) {
            return false;
        }
        try {
            byte[] bytes = new byte[LegLayout.SLOT_BYTES];
            write.from().getBytes(write.from().readerIndex(), bytes);
            Superblock next = newest(List.of(bytes));
            Superblock last = newest(List.of(slot(disk, 0), slot(disk, 1)));
            boolean same = next.leg().equals(last.leg())
                    && next.membership().mirror().equals(last.membership().mirror());
            return same
                    && !next.membership().isIntroduction()
                    && next.membership().generation() < last.membership().generation();
        } catch (DeviceException none) {
            return false;
        }
    }

    private static byte[] slot(SimulatedDisk disk, int slot) {
        return disk.durable(LegLayout.slotSector(SimulatedMachine.LEG_SECTORS, slot), LegLayout.UNIT_SECTORS);
    }

    private static Superblock newest(List<byte[]> slots) {
        return Superblock.newest("", SimulatedMachine.LEG_SECTORS, slots).superblock();
    }
}
