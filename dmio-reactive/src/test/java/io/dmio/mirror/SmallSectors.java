package io.dmio.mirror;

import io.dmio.Sectors;
import io.dmio.mirror.disk.LegLayout;
import io.dmio.mirror.disk.Superblock;
import io.netty.buffer.ByteBuf;
import java.util.Arrays;
import java.util.Optional;

/** The sectors of a small disk, in whole units. */
final class SmallSectors {

    private final SmallUnit[] units;

    SmallSectors(int count) {
        units = new SmallUnit[count / LegLayout.UNIT_SECTORS];
        Arrays.fill(units, SmallUnit.ZEROES);
    }

    private SmallSectors(SmallUnit[] units) {
        this.units = units;
    }

    /** As many, all zeroes. */
    SmallSectors blank() {
        return new SmallSectors(count());
    }

    SmallSectors copy() {
        return new SmallSectors(units.clone());
    }

    int count() {
        return units.length * LegLayout.UNIT_SECTORS;
    }

    /** By its number, from 0. */
    SmallUnit unit(int index) {
        return units[index];
    }

    void read(int sector, ByteBuf into) {
        for (int at = 0; at < into.capacity(); ) {
            Part part = Part.at(sector, at, into.capacity());
            units[part.unit].read(part.from, into, at, part.bytes);
            at += part.bytes;
        }
    }

    void write(int sector, ByteBuf from) {
        for (int at = 0; at < from.capacity(); ) {
            Part part = Part.at(sector, at, from.capacity());
            units[part.unit] = units[part.unit].with(part.from, from, at, part.bytes);
            at += part.bytes;
        }
    }

    /** The units that any of these sectors is in cannot be read any more. */
    void spoil(int sector, int count) {
        Arrays.fill(units, unitOf(sector), unitOf(sector + count - 1) + 1, SmallUnit.UNREADABLE);
    }

    boolean isReadable(int sector, int count) {
        for (int i = unitOf(sector); i <= unitOf(sector + count - 1); i++) {
            if (units[i].equals(SmallUnit.UNREADABLE)) {
                return false;
            }
        }
        return true;
    }

    /** Whether all of it can be read. */
    boolean isReadable() {
        return isReadable(0, count());
    }

    /** Whether both superblocks can be read. */
    boolean saysWhoItIs() {
        int slots = 2 * LegLayout.UNIT_SECTORS;
        return isReadable(count() - slots, slots);
    }

    private static int unitOf(int sector) {
        return sector / LegLayout.UNIT_SECTORS;
    }

    /** Mixes in what it holds: the same for disks that hold the same, as far as is known, and another for all others. */
    long mixed(long hash) {
        long mixed = hash;
        for (SmallUnit unit : units) {
            mixed = SmallHash.mixed(mixed, unit.id());
        }
        return mixed;
    }

    /** A part of a transfer that is inside one unit. */
    private record Part(int unit, int from, int bytes) {

        static Part at(int sector, int done, int all) {
            int at = sector * Sectors.BYTES + done;
            int from = at % LegLayout.SLOT_BYTES;
            return new Part(at / LegLayout.SLOT_BYTES, from, Math.min(all - done, LegLayout.SLOT_BYTES - from));
        }
    }

    void set(SmallSectors all) {
        System.arraycopy(all.units, 0, units, 0, units.length);
    }

    /** Whether they hold the same. */
    boolean isSame(SmallSectors other) {
        return Arrays.equals(units, other.units);
    }

    /** Whether so many units, from the first one on, hold the same. */
    boolean isSame(SmallSectors other, int count) {
        return Arrays.equals(units, 0, count, other.units, 0, count);
    }

    /** What it says that it is a leg of: the newer of its superblocks that are whole, if there is one. */
    Optional<Superblock> superblock() {
        Optional<Superblock> first = units[units.length - 2].superblock(count());
        Optional<Superblock> second = units[units.length - 1].superblock(count());
        boolean isFirst =
                second.isEmpty() || (first.isPresent() && generation(first.get()) >= generation(second.get()));
        return isFirst ? first : second;
    }

    private static long generation(Superblock one) {
        return one.membership().generation();
    }
}
