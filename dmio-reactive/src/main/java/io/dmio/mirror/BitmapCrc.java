package io.dmio.mirror;

import java.util.UUID;
import java.util.zip.CRC32C;

/** The checksum of a sector of the bitmap: it covers whose it is and where it belongs, so that no other is taken for it. */
final class BitmapCrc {

    private static final int PLACE_BYTES = 24;

    private BitmapCrc() {}

    static int of(UUID mirror, byte[] sectorWithoutCrc, int plane, int sector) {
        byte[] place = new byte[PLACE_BYTES];
        LittleEndian.putLong(place, 0, mirror.getMostSignificantBits());
        LittleEndian.putLong(place, 8, mirror.getLeastSignificantBits());
        LittleEndian.putInt(place, 16, plane);
        LittleEndian.putInt(place, 20, sector);
        CRC32C crc = new CRC32C();
        crc.update(place);
        crc.update(sectorWithoutCrc);
        return (int) crc.getValue();
    }
}
