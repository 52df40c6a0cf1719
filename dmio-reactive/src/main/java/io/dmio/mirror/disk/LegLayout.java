package io.dmio.mirror.disk;

import io.dmio.DeviceException;
import io.dmio.Errno;
import io.dmio.Sectors;

/**
 * Where things are on one leg. Data starts at sector 0, so a leg alone is a plain image; metadata sits at the end:
 *
 * <pre>
 *     0        dataSectorsMax   bitmapSector                      end - 24     end - 16    end - 8     end
 *     | data … | unused         | plane 0 | plane 1 | … plane 16  | owner mark | slot 0    | slot 1    | (up to 7 sectors)
 *                                 dirty     leg 0       leg 15      8 sectors    8 sectors   8 sectors
 * </pre>
 *
 * The end is the leg's size cut to 8 sectors, so mark and slots are found without knowing anything else. Planes are sized for the
 * whole leg, which is the room that a mirror grows into.
 *
 * @param legSectors the leg's whole size
 * @param chunkSectors the mirror's chunk
 */
public record LegLayout(long legSectors, int chunkSectors) {

    /** Metadata is written in units of 4 KiB, whatever the leg's block. */
    public static final int UNIT_SECTORS = Sectors.PAGE_BYTES / Sectors.BYTES;

    /** Bytes of a superblock slot. */
    public static final int SLOT_BYTES = Sectors.PAGE_BYTES;

    /** Legs of one mirror, at most. */
    public static final int LEGS_MAX = 16;

    /** In place of a leg's index: no leg is meant. */
    public static final int NO_LEG = -1;

    /** The smallest chunk. */
    public static final int CHUNK_BYTES_MIN = 64 << 10;

    /** The largest chunk. */
    public static final int CHUNK_BYTES_MAX = 64 << 20;

    /** Planes of the bitmap: dirty, and stale for each leg. */
    static final int PLANES = 1 + LEGS_MAX;

    /** Chunks of one 4 KiB unit of a plane. */
    public static final int UNIT_CHUNKS = BitmapSector.CHUNKS * UNIT_SECTORS;

    /** The least that a leg gives up, in units: the planes, the owner's mark, the slots. */
    public static final int METADATA_UNITS_MIN = PLANES + 3;

    private static final int SLOTS = 2;

    public LegLayout {
        if (bitmapSector(legSectors, chunkSectors) < UNIT_SECTORS) {
            throw new IllegalArgumentException(SizeText.of(legSectors)
                    + " has no room for a mirror's metadata of chunks of " + SizeText.of(chunkSectors));
        }
    }

    /**
     * Returns the layout of a leg, or throws a refusal that names it.
     *
     * @param name the leg's name
     * @param legSectors the leg's size
     * @param chunkSectors the mirror's chunk
     */
    public static LegLayout of(String name, long legSectors, int chunkSectors) {
        if (bitmapSector(legSectors, chunkSectors) < UNIT_SECTORS) {
            throw DeviceException.of(
                    Errno.ENOSPC,
                    name,
                    "too small for a leg: " + SizeText.of(legSectors)
                            + " does not hold the metadata of a mirror with chunks of " + SizeText.of(chunkSectors)
                            + ", and data");
        }
        return new LegLayout(legSectors, chunkSectors);
    }

    /**
     * Returns where a superblock slot is.
     *
     * @param legSectors the leg's size
     * @param slot 0 or 1
     * @return its first sector; negative if the leg is too small to have one
     */
    public static long slotSector(long legSectors, int slot) {
        return end(legSectors) - (long) (SLOTS - slot) * UNIT_SECTORS;
    }

    /**
     * Returns where the owner's mark is.
     *
     * @param legSectors the leg's size
     * @return its first sector; negative if the leg is too small to have one
     */
    public static long ownerSector(long legSectors) {
        return slotSector(legSectors, 0) - UNIT_SECTORS;
    }

    /** The first sector of the planes. */
    public long bitmapSector() {
        return bitmapSector(legSectors, chunkSectors);
    }

    /** How many 4 KiB units one plane takes. */
    long planeUnits() {
        return planeUnits(legSectors, chunkSectors);
    }

    /** The first sector of a unit of a plane. */
    public long unitSector(int plane, int unit) {
        return bitmapSector() + (plane * planeUnits() + unit) * UNIT_SECTORS;
    }

    /** How much data fits: whole units, up to the planes. */
    public long dataSectorsMax() {
        return bitmapSector();
    }

    /** How much data a leg of a size has room for; less than a unit if none. */
    public static long room(long legSectors, int chunkSectors) {
        return bitmapSector(legSectors, chunkSectors);
    }

    /**
     * Whether sizes read from a leg can be those of a mirror.
     *
     * @param legSectors the leg's size
     * @param chunkSectors the mirror's chunk
     * @param dataSectors the mirror's size
     */
    static boolean holds(long legSectors, int chunkSectors, long dataSectors) {
        return legSectors > 0
                && legSectors <= Sectors.MAX
                && chunkSectors > 0
                && chunkSectors <= CHUNK_BYTES_MAX / Sectors.BYTES
                && dataSectors > 0
                && dataSectors <= room(legSectors, chunkSectors)
                && dataSectors / chunkSectors < Integer.MAX_VALUE;
    }

    private static long end(long legSectors) {
        return legSectors / UNIT_SECTORS * UNIT_SECTORS;
    }

    private static long planeUnits(long legSectors, int chunkSectors) {
        return ceil(ceil(end(legSectors), chunkSectors), UNIT_CHUNKS);
    }

    private static long bitmapSector(long legSectors, int chunkSectors) {
        long planes = PLANES * planeUnits(legSectors, chunkSectors) * UNIT_SECTORS;
        return ownerSector(legSectors) - planes;
    }

    private static long ceil(long number, long by) {
        return (number + by - 1) / by;
    }
}
