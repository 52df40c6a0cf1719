package io.dmio.fuzz;

import io.dmio.BlockOp;
import io.dmio.IoRegion;
import io.dmio.Sectors;
import io.dmio.WriteOptions;

/** A region of a modelled device. */
record Place(Disk disk, long sector, long count) {

    IoRegion region() {
        return new IoRegion(disk.device(), sector, count);
    }

    int bytes() {
        return (int) Sectors.toBytes(count);
    }

    boolean isRefused(BlockOp.Kind kind, WriteOptions options) {
        return disk.refuses(kind, sector, count, options);
    }

    boolean contains(Disk.Failure failure) {
        return failure.sector() >= sector && failure.sector() + failure.count() <= sector + count;
    }

    boolean touches(Disk.Failure failure) {
        return failure.touches(sector, count);
    }

    /** Only its first sectors. */
    Place first(long sectors) {
        return new Place(disk, sector, Math.min(count, sectors));
    }

    @Override
    public String toString() {
        return "[" + sector + ", " + (sector + count) + ") of "
                + disk.device().info().name();
    }
}
