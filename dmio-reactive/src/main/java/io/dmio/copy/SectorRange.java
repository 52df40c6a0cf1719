package io.dmio.copy;

import io.dmio.Sectors;

/**
 * A range of sectors, counted from the start of the copy.
 *
 * @param at the first sector
 * @param sectors how many
 */
record SectorRange(long at, long sectors) {

    long end() {
        return at + sectors;
    }

    long bytes() {
        return Sectors.toBytes(sectors);
    }

    /** The first half, in whole steps; at least one step and not all. */
    SectorRange head(long step) {
        return new SectorRange(at, (sectors / 2 + step - 1) / step * step);
    }

    /** What comes after a head. */
    SectorRange after(SectorRange head) {
        return new SectorRange(head.end(), end() - head.end());
    }
}
