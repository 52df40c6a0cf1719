package io.dmio.mirror.disk;

import io.dmio.Sectors;

/** Sizes as people give them: exactly, in the largest unit of which they are whole. */
public final class SizeText {

    private static final String[] UNITS = {" bytes", " KiB", " MiB", " GiB", " TiB"};
    private static final int UNIT_BITS = 10;

    private SizeText() {}

    /** Returns the size of so many sectors: 16,384 are 8 MiB, and 16,385 are 8,389,120 bytes. */
    public static String of(long sectors) {
        long bytes = Sectors.toBytes(sectors);
        int bits = bytes == 0 ? 0 : Long.numberOfTrailingZeros(bytes);
        int unit = Math.min(bits / UNIT_BITS, UNITS.length - 1);
        return (bytes >> (unit * UNIT_BITS)) + UNITS[unit];
    }
}
