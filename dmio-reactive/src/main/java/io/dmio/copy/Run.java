package io.dmio.copy;

import io.dmio.Sectors;

/**
 * A run of sectors, counted from the start of the copy.
 *
 * @param at the first sector
 * @param sectors how many
 */
record Run(long at, long sectors) {

    long end() {
        return at + sectors;
    }

    long bytes() {
        return Sectors.toBytes(sectors);
    }

    /** The first half, in whole steps; at least one step and not all. */
    Run head(long step) {
        return new Run(at, (sectors / 2 + step - 1) / step * step);
    }

    /** What comes after a head. */
    Run after(Run head) {
        return new Run(head.end(), end() - head.end());
    }
}
