package io.dmio.mirror.disk;

import io.dmio.Sectors;
import io.netty.buffer.ByteBuf;
import java.util.BitSet;
import java.util.UUID;

/**
 * The write-intent bitmap: one bit per chunk in each of 17 planes. Plane 0 is <i>dirty</i>: writes may be in flight, so legs in sync may differ.
 * Plane 1 + i is <i>stale</i> for leg i: the leg lacks something of the chunk and must not be read there.
 *
 * <p>On disk a plane is sectors ({@link BitmapSector}). The later a sector was changed, the higher its number, so of
 * several legs' copies of a sector the one with the highest number is the newest. The number of the first sector of
 * plane 0 tells how far a leg is: its mark. Owned by the mailbox.
 */
public final class Planes {

    /** Dirty, and stale for each of 16 legs. */
    public static final int COUNT = LegLayout.PLANES;

    /** The plane of chunks that may be in flight. */
    public static final int DIRTY = 0;

    private final UUID mirror;
    private final int chunkCount;
    private final BitSet[] bits = new BitSet[COUNT];
    private final int[] counts = new int[COUNT];
    private final int sectors; // of each plane
    private final BatchNumbers numbers;
    private final BitSet changedUnits = new BitSet(); // plane * units + unit
    private final BitSet[] changedSectors = new BitSet[COUNT];
    private final BatchOrder order;

    /**
     * Creates planes with all bits clear and nothing changed.
     *
     * @param mirror the mirror
     * @param chunkCount how many chunks the mirror has
     */
    public Planes(UUID mirror, int chunkCount) {
        this.mirror = mirror;
        this.chunkCount = chunkCount;
        this.order = new BatchOrder(chunkCount);
        this.sectors = units() * LegLayout.UNIT_SECTORS;
        this.numbers = new BatchNumbers(sectors);
        for (int plane = 0; plane < COUNT; plane++) {
            bits[plane] = new BitSet();
            changedSectors[plane] = new BitSet();
        }
    }

    /** The plane of chunks that a leg lacks. */
    public static int stale(int leg) {
        return 1 + leg;
    }

    /** How many units each plane has, of those the chunks need. */
    public int units() {
        return (chunkCount + LegLayout.UNIT_CHUNKS - 1) / LegLayout.UNIT_CHUNKS;
    }

    public int chunkCount() {
        return chunkCount;
    }

    public boolean get(int plane, int chunk) {
        return bits[plane].get(chunk);
    }

    /** How many bits of a plane are set. */
    public int count(int plane) {
        return counts[plane];
    }

    /** The next set bit at or after a chunk, or -1. */
    public int next(int plane, int from) {
        return counts[plane] == 0 ? -1 : bits[plane].nextSetBit(from);
    }

    /** The last clear bit before a chunk; -1 if there is none. */
    public int clearBefore(int plane, int chunk) {
        return bits[plane].previousClearBit(chunk);
    }

    /** The first chunk after this one that has other bits in any plane; the number of chunks if there is none. */
    public int nextChange(int chunk) {
        int next = chunkCount;
        for (BitSet plane : bits) {
            int other = plane.get(chunk) ? plane.nextClearBit(chunk) : plane.nextSetBit(chunk);
            next = other < 0 ? next : Math.min(next, other);
        }
        return next;
    }

    /** Adds a plane's bits to others. */
    public void addTo(BitSet others, int plane) {
        others.or(bits[plane]);
    }

    /** Sets a bit; returns whether it was clear. */
    public boolean set(int plane, int chunk) {
        if (bits[plane].get(chunk)) {
            return false;
        }
        bits[plane].set(chunk);
        counts[plane]++;
        changed(plane, chunk);
        return true;
    }

    /** Clears a bit, if it is set. */
    public void clear(int plane, int chunk) {
        if (bits[plane].get(chunk)) {
            bits[plane].clear(chunk);
            counts[plane]--;
            changed(plane, chunk);
        }
    }

    /** Sets in one plane every bit that is set in another. */
    public void setAll(int plane, int from) {
        addFrom(this, from, plane);
    }

    /** Adds what a leg says of itself: what is dirty as far as it knows, and what it lacks. */
    public void add(Planes own, int leg) {
        addFrom(own, DIRTY, DIRTY);
        addFrom(own, stale(leg), stale(leg));
    }

    /** As {@link #add}; but what is dirty as far as the leg knows, others have, and the leg lacks it. */
    public void addLacking(Planes own, int leg) {
        addFrom(own, DIRTY, stale(leg));
        addFrom(own, stale(leg), stale(leg));
    }

    private void addFrom(Planes others, int from, int to) {
        for (int chunk = others.next(from, 0); chunk >= 0; chunk = others.next(from, chunk + 1)) {
            set(to, chunk);
        }
    }

    /** Sets every bit of a plane. */
    public void setAll(int plane) {
        for (int chunk = 0; chunk < chunkCount; chunk++) {
            set(plane, chunk);
        }
    }

    /** Clears every bit of a plane. */
    public void clearAll(int plane) {
        for (int chunk = next(plane, 0); chunk >= 0; chunk = next(plane, chunk + 1)) {
            clear(plane, chunk);
        }
    }

    /** Counts every unit as changed, so that all are written. */
    public void changeAll() {
        changedUnits.set(0, COUNT * units());
    }

    /** Takes the units that changed since the last call: plane * {@link #units} + unit. */
    BitSet takeChanged() {
        BitSet taken = (BitSet) changedUnits.clone();
        changedUnits.clear();
        return taken;
    }

    /**
     * Begins the next batch: what is encoded from now on has its number, which goes into the first sector.
     *
     * @param holders bit i: leg i takes part, on record, and stays
     * @return the units that changed since the last one: plane * {@link #units} + unit
     */
    public BitSet nextBatch(int holders) {
        numbers.begin();
        changed(DIRTY, 0);
        order.begin(bits, holders);
        return takeChanged();
    }

    /** Lets the next batch be the newest once more, with all units as they are then, for legs that do not have it. */
    public void repeatNewest() {
        numbers.repeatNewest();
        changeAll();
    }

    /** Called when all units of a batch are encoded; returns whether that is all that changed, or some has to wait for the next one. */
    public boolean madeBatch(BitSet units) {
        return order.made(bits, units, this::changed);
    }

    /** Undoes a batch that could not even be encoded: the next one has its units and its number. */
    public void noBatch(BitSet units) {
        numbers.undo();
        order.forget();
        changedUnits.or(units);
    }

    /** The number of the newest batch. */
    public long batch() {
        return numbers.batch();
    }

    /**
     * Writes a unit's bytes, with the number of the batch where its bits changed.
     *
     * @param plane which
     * @param unit which of it
     * @param into 4 KiB
     */
    public void encode(int plane, int unit, ByteBuf into) {
        for (int i = 0; i < LegLayout.UNIT_SECTORS; i++) {
            int sector = unit * LegLayout.UNIT_SECTORS + i;
            if (changedSectors[plane].get(sector)) {
                changedSectors[plane].clear(sector);
                numbers.change(plane, sector);
            }
            int first = sector * BitmapSector.CHUNKS;
            BitSet content = order.content(bits, plane, first, first + BitmapSector.CHUNKS);
            byte[] bytes = new BitmapSector(numbers.of(plane, sector), content).encode(mirror, plane, sector);
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
    public void decode(int plane, int unit, ByteBuf from) {
        for (int i = 0; i < LegLayout.UNIT_SECTORS; i++) {
            int sector = unit * LegLayout.UNIT_SECTORS + i;
            byte[] bytes = new byte[Sectors.BYTES];
            from.getBytes(i * Sectors.BYTES, bytes);
            BitmapSector read = BitmapSector.decode(bytes, mirror, plane, sector);
            if (read != null && numbers.isNewer(plane, sector, read.sequence())) {
                replace(plane, sector, read.chunks());
            }
        }
    }

    /** Sets all bits of sectors of which no leg had a whole copy, to be on the safe side. */
    public void setUnread() {
        for (int plane = 0; plane < COUNT; plane++) {
            setUnread(plane);
        }
    }

    /** The same for one plane. */
    public void setUnread(int plane) {
        for (int chunk = 0; chunk < chunkCount; chunk++) {
            if (isUnread(plane, chunk)) {
                set(plane, chunk);
            }
        }
    }

    public boolean isUnread(int plane, int chunk) {
        return numbers.of(plane, chunk / BitmapSector.CHUNKS) == 0;
    }

    /** Returns the same bits for a mirror of more chunks; the new ones are clear. */
    public Planes grown(int chunks) {
        Planes larger = new Planes(mirror, chunks);
        larger.numbers.set(numbers);
        for (int plane = 0; plane < COUNT; plane++) {
            larger.bits[plane].or(bits[plane]);
            larger.counts[plane] = counts[plane];
            larger.changedSectors[plane].or(changedSectors[plane]);
            larger.changedSectors[plane].set(sectors, larger.sectors);
        }
        return larger;
    }

    /** Gives every sector a first sequence, so that a copy on disk is told from one never written. */
    public void begin() {
        numbers.begin();
        for (int plane = 0; plane < COUNT; plane++) {
            changedSectors[plane].set(0, sectors);
        }
        changeAll();
    }

    private void replace(int plane, int sector, BitSet chunks) {
        int first = sector * BitmapSector.CHUNKS;
        bits[plane].clear(first, first + BitmapSector.CHUNKS);
        for (int i = chunks.nextSetBit(0); i >= 0 && first + i < chunkCount; i = chunks.nextSetBit(i + 1)) {
            bits[plane].set(first + i);
        }
        counts[plane] = bits[plane].cardinality();
    }

    private void changed(int plane, int chunk) {
        changedUnits.set(plane * units() + chunk / LegLayout.UNIT_CHUNKS);
        changedSectors[plane].set(chunk / BitmapSector.CHUNKS);
    }
}
