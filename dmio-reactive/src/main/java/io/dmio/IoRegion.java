package io.dmio;

import java.util.Objects;

/**
 * A range of sectors on a device, as {@code struct io_region} (dm-io.h). The device's end is not checked here: a region beyond
 * it fails as that region's {@linkplain ErrorBits bit} when the request runs.
 *
 * @param device the device
 * @param sector the first sector, at least 0
 * @param count how many sectors; 0 is a region that is never touched, except by a flush
 */
public record IoRegion(BlockDevice device, long sector, long count) {

    /**
     * Checks the numbers.
     *
     * @throws IllegalArgumentException if one is negative or the end's byte address does not fit a {@code long}
     */
    public IoRegion {
        Objects.requireNonNull(device, "device");
        Sectors.end(sector, count);
    }

    /**
     * Returns the region of a whole device.
     *
     * @param device the device
     * @return the region of all its sectors
     */
    public static IoRegion all(BlockDevice device) {
        return new IoRegion(device, 0, device.info().sectorCount());
    }

    /**
     * Returns the sector after the last one.
     *
     * @return {@code sector + count}
     */
    public long end() {
        return sector + count;
    }

    /**
     * Returns the length in bytes.
     *
     * @return {@code count * 512}
     */
    public long bytes() {
        return Sectors.toBytes(count);
    }

    /**
     * Returns a part of this region.
     *
     * @param from sectors to leave out at the start
     * @param sectors how many to keep
     * @return the part, on the same device
     * @throws IllegalArgumentException if the part is not inside this region
     */
    public IoRegion slice(long from, long sectors) {
        if (Sectors.end(from, sectors) > count) {
            throw new IllegalArgumentException(
                    "sectors [" + from + ", " + (from + sectors) + ") are not inside a region of " + count);
        }
        return new IoRegion(device, sector + from, sectors);
    }
}
