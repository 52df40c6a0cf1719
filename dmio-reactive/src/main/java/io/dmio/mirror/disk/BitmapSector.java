package io.dmio.mirror.disk;

import io.dmio.Sectors;
import io.netty.buffer.ByteBuf;
import java.util.Arrays;
import java.util.BitSet;
import java.util.UUID;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * One sector of the bitmap as it is on a leg. It proves itself, so that a torn unit is no harm: every sector is old or new.
 *
 * <pre>
 *     sequence:8 | crc:4 | plane:2 | reserved:2 | bits:496 = 3,968 chunks, bit i at byte i/8, bit i%8     (little endian)
 * </pre>
 *
 * The crc (CRC32C) covers the mirror's UUID, the plane, the sector's place in it and the whole sector with crc zero. So it
 * says whose the sector is and where it belongs, and no other is taken for it.
 *
 * @param sequence the number of the batch that changed it
 * @param chunks its bits, from 0 on
 */
public record BitmapSector(long sequence, BitSet chunks) {

    private static final int HEADER_BYTES = 16;
    private static final int CRC_AT = 8;
    private static final int PLANE_AT = 12;
    private static final int PLACE_BYTES = 24;

    /** How many chunks it has room for. */
    static final int CHUNKS = (Sectors.BYTES - HEADER_BYTES) * Byte.SIZE;

    /** Returns the sector's 512 bytes, for its place. */
    byte[] encode(UUID mirror, int plane, int sector) {
        byte[] bytes = new byte[Sectors.BYTES];
        LittleEndian.putLong(bytes, 0, sequence);
        bytes[PLANE_AT] = (byte) plane;
        byte[] content = chunks.toByteArray();
        System.arraycopy(content, 0, bytes, HEADER_BYTES, content.length);
        LittleEndian.putInt(bytes, CRC_AT, crc(bytes, mirror, plane, sector));
        return bytes;
    }

    /** Returns the sector that a place holds; null if that is not whole, or belongs elsewhere. */
    static @Nullable BitmapSector decode(byte[] bytes, UUID mirror, int plane, int sector) {
        int crc = LittleEndian.getInt(bytes, CRC_AT);
        LittleEndian.putInt(bytes, CRC_AT, 0);
        long sequence = LittleEndian.getLong(bytes, 0);
        boolean whole = crc == crc(bytes, mirror, plane, sector) && Membership.counts(sequence);
        return whole
                ? new BitmapSector(sequence, BitSet.valueOf(Arrays.copyOfRange(bytes, HEADER_BYTES, Sectors.BYTES)))
                : null;
    }

    /** Returns a leg's mark, by the first unit of its first plane; {@link LegMarks#UNKNOWN} if that does not begin whole. */
    public static long mark(UUID mirror, ByteBuf firstUnit) {
        byte[] bytes = new byte[Sectors.BYTES];
        firstUnit.getBytes(0, bytes);
        BitmapSector first = decode(bytes, mirror, Planes.DIRTY, 0);
        return first == null ? LegMarks.UNKNOWN : first.sequence;
    }

    private static int crc(byte[] bytesWithoutCrc, UUID mirror, int plane, int sector) {
        byte[] place = new byte[PLACE_BYTES];
        LittleEndian.putLong(place, 0, mirror.getMostSignificantBits());
        LittleEndian.putLong(place, 8, mirror.getLeastSignificantBits());
        LittleEndian.putInt(place, 16, plane);
        LittleEndian.putInt(place, 20, sector);
        CRC32C crc = new CRC32C();
        crc.update(place);
        crc.update(bytesWithoutCrc);
        return (int) crc.getValue();
    }
}
