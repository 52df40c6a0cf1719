package io.dmio.copy;

import io.dmio.Sectors;

/**
 * A range of sectors, counted from the start of the copy.
 *
 * @param sector the first sector
 * @param count how many
 */
record SectorRange(long sector, long count) {

    long end() {
        return sector + count;
    }

    long bytes() {
        return Sectors.toBytes(count);
    }

    /** Returns the first half, in whole steps; at least one step and not all. */
    SectorRange head(long step) {
        return new SectorRange(sector, (count / 2 + step - 1) / step * step);
    }

    /** Returns what comes after a head. */
    SectorRange after(SectorRange head) {
        return new SectorRange(head.end(), end() - head.end());
    }
}
