package io.dmio;

import java.util.Objects;

/**
 * A range of sectors of one kind, as a device knows it at one moment; the kernel's {@code SEEK_DATA} and {@code SEEK_HOLE}.
 *
 * @param sector the first sector
 * @param sectorCount how many, at least 1
 * @param kind what the range holds
 */
public record Extent(long sector, long sectorCount, Kind kind) {

    /** The kind of a range of sectors: what is known of it. */
    public enum Kind {
        /** May hold anything. */
        DATA,
        /** Has space of its own and reads as zeroes. */
        ZERO,
        /** Reads as zeroes, and has no space of its own or only preallocated space: the kernel does not tell these apart. */
        HOLE
    }

    /** Checks the range. */
    public Extent {
        Objects.requireNonNull(kind, "kind");
        if (sectorCount < 1) {
            throw new IllegalArgumentException("an extent of " + sectorCount + " sectors");
        }
        Sectors.end(sector, sectorCount);
    }
}
