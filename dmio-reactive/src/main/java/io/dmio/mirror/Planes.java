package io.dmio.mirror;

import io.dmio.Sectors;
import io.netty.buffer.ByteBuf;
import java.util.BitSet;
import java.util.UUID;

/**
 * The write-intent bitmap: one bit a chunk in each of 17 planes. Plane 0 is <i>dirty</i>: writes may be in flight, so legs in
 * sync may differ. Plane 1 + i is <i>stale</i> for leg i: the leg lacks something of the chunk and must not be read there.
 *
 * <p>On disk a plane is sectors, each of which proves itself, so that a torn unit is no harm: every sector is old or new.
 *
 * <pre>
 *     sequence:8 | crc:4 | plane:2 | reserved:2 | bits:496 = 3,968 chunks, bit i at byte i/8, bit i%8     (little endian)
 * </pre>
 *
 * The sequence is the number of the batch that changed the sector; the first sector of plane 0 is in each batch, so it tells
 * how far a leg is: its mark.
 *
 * <p>The crc (CRC32C) covers the mirror's UUID, the sector's place in the plane and the whole sector with crc zero. Of several
 * legs' copies of a sector the one with the highest sequence is the newest.
 *
 * <p>Not thread-safe: owned by the mirror's mailbox.
 */
final class Planes {

    /** Dirty, and stale for each of 16 legs. */
    static final int COUNT = 1 + MirrorOptions.LEGS_MAX;

    /** The plane of chunks that may be in flight. */
    static final int DIRTY = 0;

    private static final int HEADER_BYTES = 16;
    private static final int CRC_AT = 8;
    private static final int PLANE_AT = 12;
    private static final int SECTOR_CHUNKS = (Sectors.BYTES - HEADER_BYTES) * Byte.SIZE;

    /** Chunks of one 4 KiB unit. */
    static final int UNIT_CHUNKS = SECTOR_CHUNKS * LegLayout.UNIT_SECTORS;

    private final UUID mirror;
    private final int chunkCount;
    private final BitSet[] bits = new BitSet[COUNT];
    private final int[] counts = new int[COUNT];
    private final long[][] sequences = new long[COUNT][];
    private long batch; // the number of the newest; of all that were read, or was begun
    private final BitSet changedUnits = new BitSet(); // plane * units + unit
    private final BitSet[] changedSectors = new BitSet[COUNT];

    /**
     * All bits clear, nothing changed.
     *
     * @param mirror whose
     * @param chunkCount how many
     */
    Planes(UUID mirror, int chunkCount) {
        this.mirror = mirror;
        this.chunkCount = chunkCount;
        int sectors = units() * LegLayout.UNIT_SECTORS;
        for (int plane = 0; plane < COUNT; plane++) {
            bits[plane] = new BitSet();
            changedSectors[plane] = new BitSet();
            sequences[plane] = new long[sectors];
        }
    }

    /** The plane of chunks that a leg lacks. */
    static int stale(int leg) {
        return 1 + leg;
    }

    /** How many units each plane has, of those the chunks need. */
    int units() {
        return (chunkCount + UNIT_CHUNKS - 1) / UNIT_CHUNKS;
    }

    boolean get(int plane, int chunk) {
        return bits[plane].get(chunk);
    }

    /** How many bits of a plane are set. */
    int count(int plane) {
        return counts[plane];
    }

    /** The next set bit at or after a chunk, or -1. */
    int next(int plane, int from) {
        return counts[plane] == 0 ? -1 : bits[plane].nextSetBit(from);
    }

    /** The last clear bit before a chunk; -1 if there is none. */
    int clearBefore(int plane, int chunk) {
        return bits[plane].previousClearBit(chunk);
    }

    /** The first chunk after this one that has other bits in any plane; how many chunks there are, if there is none. */
    int nextChange(int chunk) {
        int next = chunkCount;
        for (BitSet plane : bits) {
            int other = plane.get(chunk) ? plane.nextClearBit(chunk) : plane.nextSetBit(chunk);
            next = other < 0 ? next : Math.min(next, other);
        }
        return next;
    }

    /** Adds a plane's bits to others. */
    void addTo(BitSet others, int plane) {
        others.or(bits[plane]);
    }

    /** Sets a bit; tells whether it was clear. */
    boolean set(int plane, int chunk) {
        if (bits[plane].get(chunk)) {
            return false;
        }
        bits[plane].set(chunk);
        counts[plane]++;
        changed(plane, chunk);
        return true;
    }

    /** Clears a bit, if it is set. */
    void clear(int plane, int chunk) {
        if (bits[plane].get(chunk)) {
            bits[plane].clear(chunk);
            counts[plane]--;
            changed(plane, chunk);
        }
    }

    /** Sets in one plane every bit that is set in another. */
    void setAll(int plane, int from) {
        for (int chunk = next(from, 0); chunk >= 0; chunk = next(from, chunk + 1)) {
            set(plane, chunk);
        }
    }

    /** Sets every bit of a plane. */
    void setAll(int plane) {
        for (int chunk = 0; chunk < chunkCount; chunk++) {
            set(plane, chunk);
        }
    }

    /** Clears every bit of a plane. */
    void clearAll(int plane) {
        for (int chunk = next(plane, 0); chunk >= 0; chunk = next(plane, chunk + 1)) {
            clear(plane, chunk);
        }
    }

    /** Counts every unit as changed, so that all are written. */
    void changeAll() {
        changedUnits.set(0, COUNT * units());
    }

    /**
     * Takes the units that changed since the last call.
     *
     * @return plane * {@link #units} + unit
     */
    BitSet takeChanged() {
        BitSet taken = (BitSet) changedUnits.clone();
        changedUnits.clear();
        return taken;
    }

    /**
     * The next batch begins: what is encoded from now on has its number, which goes into the first sector.
     *
     * @return the units that changed since the last one: plane * {@link #units} + unit
     */
    BitSet nextBatch() {
        batch++;
        changed(DIRTY, 0);
        return takeChanged();
    }

    /** It could not even be encoded: the next one has its units, and its number. */
    void noBatch(BitSet units) {
        batch--;
        changedUnits.or(units);
    }

    /** The number of the newest batch. */
    long batch() {
        return batch;
    }

    /** A leg's mark, by its first unit; {@link LegMarks#UNKNOWN} if that is not whole. */
    static long mark(UUID mirror, ByteBuf firstUnit) {
        Planes read = new Planes(mirror, 1);
        read.decode(DIRTY, 0, firstUnit);
        return read.sequences[DIRTY][0] == 0 ? LegMarks.UNKNOWN : read.sequences[DIRTY][0];
    }

    /**
     * Writes a unit's bytes, with the number of the batch where its bits changed.
     *
     * @param plane which
     * @param unit which of it
     * @param into 4 KiB
     */
    void encode(int plane, int unit, ByteBuf into) {
        for (int i = 0; i < LegLayout.UNIT_SECTORS; i++) {
            int sector = unit * LegLayout.UNIT_SECTORS + i;
            if (changedSectors[plane].get(sector)) {
                changedSectors[plane].clear(sector);
                sequences[plane][sector] = batch;
            }
            byte[] bytes = new byte[Sectors.BYTES];
            LittleEndian.putLong(bytes, 0, sequences[plane][sector]);
            bytes[PLANE_AT] = (byte) plane;
            byte[] content = bits[plane]
                    .get(sector * SECTOR_CHUNKS, (sector + 1) * SECTOR_CHUNKS)
                    .toByteArray();
            System.arraycopy(content, 0, bytes, HEADER_BYTES, content.length);
            LittleEndian.putInt(bytes, CRC_AT, BitmapCrc.of(mirror, bytes, plane, sector));
            into.setBytes(i * Sectors.BYTES, bytes);
        }
    }

    /**
     * Takes over the sectors of a leg's unit that are whole and newer than what is here.
     *
     * @param plane which
     * @param unit which of it
     * @param from 4 KiB as read
     */
    void decode(int plane, int unit, ByteBuf from) {
        for (int i = 0; i < LegLayout.UNIT_SECTORS; i++) {
            int sector = unit * LegLayout.UNIT_SECTORS + i;
            byte[] bytes = new byte[Sectors.BYTES];
            from.getBytes(i * Sectors.BYTES, bytes);
            int crc = LittleEndian.getInt(bytes, CRC_AT);
            LittleEndian.putInt(bytes, CRC_AT, 0);
            long sequence = LittleEndian.getLong(bytes, 0);
            boolean whole = crc == BitmapCrc.of(mirror, bytes, plane, sector) && Membership.counts(sequence);
            if (whole && sequence > sequences[plane][sector]) {
                sequences[plane][sector] = sequence;
                batch = Math.max(batch, sequence);
                replace(plane, sector, bytes);
            }
        }
    }

    /** Sectors that no leg had a whole copy of count as full of set bits: the safe side. */
    void setUnread() {
        for (int plane = 0; plane < COUNT; plane++) {
            for (int sector = 0; sector < sequences[plane].length; sector++) {
                if (sequences[plane][sector] == 0) {
                    int end = Math.min((sector + 1) * SECTOR_CHUNKS, chunkCount);
                    for (int chunk = sector * SECTOR_CHUNKS; chunk < end; chunk++) {
                        set(plane, chunk);
                    }
                }
            }
        }
    }

    /** The same bits for a mirror of more chunks; the new ones are clear. */
    Planes grown(int chunks) {
        Planes larger = new Planes(mirror, chunks);
        larger.batch = batch;
        for (int plane = 0; plane < COUNT; plane++) {
            larger.bits[plane].or(bits[plane]);
            larger.counts[plane] = counts[plane];
            System.arraycopy(sequences[plane], 0, larger.sequences[plane], 0, sequences[plane].length);
            larger.changedSectors[plane].or(changedSectors[plane]);
            larger.changedSectors[plane].set(sequences[plane].length, larger.sequences[plane].length);
        }
        return larger;
    }

    /** Gives every sector a first sequence, so that a copy on disk is told from one never written. */
    void begin() {
        batch++;
        for (int plane = 0; plane < COUNT; plane++) {
            changedSectors[plane].set(0, sequences[plane].length);
        }
        changeAll();
    }

    private void replace(int plane, int sector, byte[] bytes) {
        int first = sector * SECTOR_CHUNKS;
        bits[plane].clear(first, first + SECTOR_CHUNKS);
        for (int i = 0; i < SECTOR_CHUNKS && first + i < chunkCount; i++) {
            if ((bytes[HEADER_BYTES + i / Byte.SIZE] >> i % Byte.SIZE & 1) != 0) {
                bits[plane].set(first + i);
            }
        }
        counts[plane] = bits[plane].cardinality();
    }

    private void changed(int plane, int chunk) {
        changedUnits.set(plane * units() + chunk / UNIT_CHUNKS);
        changedSectors[plane].set(chunk / SECTOR_CHUNKS);
    }
}
