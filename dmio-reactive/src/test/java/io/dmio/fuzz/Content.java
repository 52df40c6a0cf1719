package io.dmio.fuzz;

import io.dmio.Sectors;
import java.util.Arrays;

/** What a write puts there. */
interface Content {

    /** As a discard of these devices leaves it, too. */
    Content ZEROES = (sector, found, at) -> isZero(found, at);

    /** What nobody can foretell. */
    Content ANYTHING = (sector, found, at) -> true;

    /**
     * Whether a sector holds it.
     *
     * @param sector which, from the write's first on
     * @param found bytes that were read
     * @param at where among those the sector begins
     */
    boolean is(long sector, byte[] found, int at);

    /** These bytes; what is beyond them is zero. */
    static Content of(byte[] bytes) {
        return (sector, found, at) -> {
            int from = Math.min((int) sector * Sectors.BYTES, bytes.length);
            int length = Math.min(Sectors.BYTES, bytes.length - from);
            return Arrays.equals(bytes, from, from + length, found, at, at + length)
                    && isZero(found, at + length, Sectors.BYTES - length);
        };
    }

    static boolean isZero(byte[] found, int at) {
        return isZero(found, at, Sectors.BYTES);
    }

    private static boolean isZero(byte[] found, int at, int bytes) {
        return Arrays.equals(found, at, at + bytes, Disks.NOTHING, 0, bytes);
    }
}
