package io.dmio.mirror.disk;

import java.util.BitSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Decides what of the bitmap may go with a batch, and what has to wait for the next one. A power cut can leave out any of a batch's units, and
 * whichever these are, a chunk has to be whole somewhere on record. So where a batch would take a chunk from the last leg that has it on record,
 * and give it to another one, that is done in two: first it is given, and when that is durable it is taken. Until then the chunk stays dirty, so
 * that a start counts the leg that is to lack it for no more than one whose last write is unknown.
 *
 * <p>One batch is durable before the next one is begun. Owned by the mailbox.
 */
final class BatchOrder {

    private final int chunkCount;
    private final BitSet[] held = planes(); // of stale planes: not set yet; of the dirty one: not cleared yet
    private BitSet @Nullable []
            written; // what the newest batch says; null before the first, which adds to what is on disk

    BatchOrder(int chunkCount) {
        this.chunkCount = chunkCount;
    }

    private static BitSet[] planes() {
        BitSet[] planes = new BitSet[Planes.COUNT];
        for (int plane = 0; plane < planes.length; plane++) {
            planes[plane] = new BitSet();
        }
        return planes;
    }

    /**
     * Begins a batch.
     *
     * @param bits the bits of each plane, as they are in memory
     * @param holders bit i: leg i takes part, on record, and stays
     */
    void begin(BitSet[] bits, int holders) {
        forget();
        if (written == null) {
            return;
        }
        BitSet taken = new BitSet();
        for (int leg = 0; leg < LegLayout.LEGS_MAX; leg++) {
            if ((holders >> leg & 1) != 0 && !bits[Planes.stale(leg)].isEmpty()) {
                taken.or(taken(bits, written, leg));
            }
        }
        for (int chunk = taken.nextSetBit(0); chunk >= 0; chunk = taken.nextSetBit(chunk + 1)) {
            if (isOnlyGiven(bits, written, holders, chunk)) {
                hold(bits, written, holders, chunk);
            }
        }
    }

    // The chunks that a leg newly lacks.
    private static BitSet taken(BitSet[] bits, BitSet[] written, int leg) {
        BitSet lacked = (BitSet) bits[Planes.stale(leg)].clone();
        lacked.andNot(written[Planes.stale(leg)]);
        return lacked;
    }

    // Whether some leg has the chunk in memory, and each leg that does lacks it on record.
    private static boolean isOnlyGiven(BitSet[] bits, BitSet[] written, int holders, int chunk) {
        boolean given = false;
        for (int leg = 0; leg < LegLayout.LEGS_MAX; leg++) {
            int plane = Planes.stale(leg);
            if ((holders >> leg & 1) != 0 && !bits[plane].get(chunk)) {
                if (!written[plane].get(chunk)) {
                    return false;
                }
                given = true;
            }
        }
        return given;
    }

    private void hold(BitSet[] bits, BitSet[] written, int holders, int chunk) {
        for (int leg = 0; leg < LegLayout.LEGS_MAX; leg++) {
            int plane = Planes.stale(leg);
            boolean isTaken = bits[plane].get(chunk) && !written[plane].get(chunk);
            held[plane].set(chunk, isTaken && (holders >> leg & 1) != 0);
        }
        held[Planes.DIRTY].set(chunk, written[Planes.DIRTY].get(chunk) && !bits[Planes.DIRTY].get(chunk));
    }

    /** Returns some of a plane's bits, as the batch has them. */
    BitSet content(BitSet[] bits, int plane, int from, int to) {
        BitSet content = bits[plane].get(from, to);
        if (plane == Planes.DIRTY) {
            content.or(held[plane].get(from, to));
        } else {
            content.andNot(held[plane].get(from, to));
        }
        return content;
    }

    /** A place in the bitmap. */
    interface Place {
        void is(int plane, int chunk);
    }

    /**
     * Notes that the batch is made, with these units: plane * units + unit.
     *
     * @param next hears what is to be in the next batch
     * @return whether that is nothing
     */
    boolean made(BitSet[] bits, BitSet units, Place next) {
        BitSet[] all = written;
        if (all == null) {
            written = Stream.of(bits).map(plane -> (BitSet) plane.clone()).toArray(BitSet[]::new);
            return true;
        }
        int perPlane = (chunkCount + LegLayout.UNIT_CHUNKS - 1) / LegLayout.UNIT_CHUNKS;
        for (int unit = units.nextSetBit(0); unit >= 0; unit = units.nextSetBit(unit + 1)) {
            int plane = unit / perPlane;
            int first = unit % perPlane * LegLayout.UNIT_CHUNKS;
            int end = first + LegLayout.UNIT_CHUNKS;
            BitSet content = content(bits, plane, first, end);
            all[plane].clear(first, end);
            content.stream().forEach(chunk -> all[plane].set(first + chunk));
        }
        boolean isWhole = true;
        for (int plane = 0; plane < held.length; plane++) {
            int which = plane;
            held[plane].stream().forEach(chunk -> next.is(which, chunk));
            isWhole &= held[plane].isEmpty();
        }
        return isWhole;
    }

    /** Forgets what waits. */
    void forget() {
        for (BitSet plane : held) {
            plane.clear();
        }
    }
}
