package io.dmio.mirror;

import io.dmio.Sectors;
import io.dmio.fuzz.Draw;
import io.dmio.mirror.disk.LittleEndian;
import java.util.UUID;
import java.util.zip.CRC32C;

/** Changes to a leg's metadata, with checksums that are right all the same, so that what they guard is reached. */
final class MetadataEdits {

    private static final int CHANGES_MAX = 6;
    private static final int[] SLOT_FIELDS = {
        0, 8, 12, 16, 32, 48, 56, 64, 72, 80, 84, 88, 92, 96, // as the superblock is drawn
        128, 144, 148, 152, 160, 168, 208, 224, 228, 232, 240, 248, 288, 304, 308, 312, 320, 328, 1408, 1416
    };
    private static final int[] SECTOR_FIELDS = {0, 8, 12, 14, 16, 24, 504};

    private MetadataEdits() {}

    /** A superblock's slot. */
    static void slot(byte[] slot, Draw draw) {
        change(slot, SLOT_FIELDS, draw);
        if (!draw.oneIn(8)) {
            LittleEndian.putInt(slot, 12, 0);
            LittleEndian.putInt(slot, 12, crc(slot));
        }
    }

    /** A sector of a plane. */
    static void sector(byte[] sector, UUID mirror, int plane, int place, Draw draw) {
        change(sector, SECTOR_FIELDS, draw);
        if (!draw.oneIn(8)) {
            byte[] proved = new byte[24 + Sectors.BYTES];
            LittleEndian.putLong(proved, 0, mirror.getMostSignificantBits());
            LittleEndian.putLong(proved, 8, mirror.getLeastSignificantBits());
            LittleEndian.putInt(proved, 16, plane);
            LittleEndian.putInt(proved, 20, place);
            LittleEndian.putInt(sector, 8, 0);
            System.arraycopy(sector, 0, proved, 24, Sectors.BYTES);
            LittleEndian.putInt(sector, 8, crc(proved));
        }
    }

    private static void change(byte[] bytes, int[] fields, Draw draw) {
        for (int changes = draw.below(CHANGES_MAX); changes > 0; changes--) {
            int at = draw.oneIn(4) ? draw.below(bytes.length - Long.BYTES) : fields[draw.below(fields.length)];
            switch (draw.below(4)) {
                case 0 -> bytes[at] = (byte) draw.next();
                case 1 -> LittleEndian.putInt(bytes, at, draw.count());
                case 2 -> LittleEndian.putLong(bytes, at, draw.number());
                default -> LittleEndian.putLong(bytes, at, LittleEndian.getLong(bytes, at) + (byte) draw.next());
            }
        }
    }

    private static int crc(byte[] bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes);
        return (int) crc.getValue();
    }
}
