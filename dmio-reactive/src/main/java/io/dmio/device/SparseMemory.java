package io.dmio.device;

import io.dmio.Extent;
import io.dmio.Sectors;
import io.dmio.memory.Bytes;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.util.collection.LongObjectHashMap;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Sparse memory addressed by {@code long} byte: slabs of 64 KiB, each allocated by the first write into it; what was never
 * written reads as zeroes. Slabs are spread over stripes with a lock each, so every copy is atomic within one slab and
 * nothing is allocated to find one. Safe for concurrent use. Owned by one {@link MemoryDevice}.
 */
final class SparseMemory {

    static final int SLAB_BYTES = 1 << 16;
    private static final int SLAB_SECTORS = SLAB_BYTES / Sectors.BYTES;
    private static final int STRIPES = 64;
    private static final int EXTENT_LOOKS_MAX = 1 << 16; // 4 GiB of slabs
    private static final int LOOKUPS_MAX = 1024; // beyond that many, walking what exists is cheaper than looking up

    private final Stripe[] stripes = new Stripe[STRIPES];
    private final boolean direct;

    SparseMemory(boolean direct) {
        this.direct = direct;
        for (int i = 0; i < STRIPES; i++) {
            stripes[i] = new Stripe();
        }
    }

    void read(long at, ByteBuf into, int index, int bytes) {
        for (int done = 0; done < bytes; ) {
            int step = Math.min(bytes - done, SLAB_BYTES - inSlab(at + done));
            stripeOf(at + done).read(at + done, into, index + done, step);
            done += step;
        }
    }

    void write(long at, ByteBuf from, int index, int bytes) {
        for (int done = 0; done < bytes; ) {
            int step = Math.min(bytes - done, SLAB_BYTES - inSlab(at + done));
            stripeOf(at + done).write(at + done, from, index + done, step);
            done += step;
        }
    }

    /** Makes the range read as zeroes, and frees the slabs that lie completely in it. */
    void clear(long at, long bytes) {
        int head = (int) Math.min(bytes, -at & (SLAB_BYTES - 1)); // up to the first slab's start
        long whole = (bytes - head) / SLAB_BYTES;
        int tail = (int) ((bytes - head) % SLAB_BYTES);
        zero(at, head);
        drop(slabOf(at + head), whole);
        zero(at + bytes - tail, tail);
    }

    /** Frees every slab. */
    void free() {
        for (Stripe stripe : stripes) {
            stripe.drop(0, Long.MAX_VALUE);
        }
    }

    /** Returns which sectors have memory of their own; of a long range, only for its beginning. */
    List<Extent> extents(long sector, long sectorCount) {
        List<Extent> found = new ArrayList<>();
        long end = sector + sectorCount;
        long start = sector;
        long at = sector;
        for (int looks = 0; at < end && looks < EXTENT_LOOKS_MAX; looks++) {
            boolean data = isAllocated(at);
            long next = Math.min(end, (at / SLAB_SECTORS + 1) * SLAB_SECTORS);
            if (next == end || looks == EXTENT_LOOKS_MAX - 1 || isAllocated(next) != data) {
                found.add(new Extent(start, next - start, data ? Extent.Kind.DATA : Extent.Kind.HOLE));
                start = next;
            }
            at = next;
        }
        return found;
    }

    private boolean isAllocated(long sector) {
        long at = Sectors.toBytes(sector);
        return stripeOf(at).has(slabOf(at));
    }

    long allocatedBytes() {
        long count = 0;
        for (Stripe stripe : stripes) {
            count += stripe.count();
        }
        return count * SLAB_BYTES;
    }

    private void zero(long at, int bytes) { // inside one slab
        if (bytes > 0) {
            stripeOf(at).zero(at, bytes);
        }
    }

    private void drop(long slab, long count) {
        if (count <= LOOKUPS_MAX) {
            for (long i = slab; i < slab + count; i++) {
                stripes[(int) i & (STRIPES - 1)].drop(i);
            }
            return;
        }
        for (Stripe stripe : stripes) {
            stripe.drop(slab, slab + count);
        }
    }

    private Stripe stripeOf(long at) {
        return stripes[(int) slabOf(at) & (STRIPES - 1)];
    }

    private static long slabOf(long at) {
        return at / SLAB_BYTES;
    }

    private static int inSlab(long at) {
        return (int) at & (SLAB_BYTES - 1);
    }

    /** Every 64th slab, and the lock that guards these. Only copies are called inside the lock. */
    private final class Stripe {

        private final LongObjectHashMap<ByteBuf> slabs = new LongObjectHashMap<>();

        synchronized void read(long at, ByteBuf into, int index, int bytes) {
            @Nullable ByteBuf slab = slabs.get(slabOf(at));
            if (slab == null) {
                Bytes.zero(into, index, bytes);
            } else {
                Bytes.copy(slab, inSlab(at), into, index, bytes);
            }
        }

        synchronized void write(long at, ByteBuf from, int index, int bytes) {
            @Nullable ByteBuf slab = slabs.get(slabOf(at));
            if (slab == null) {
                slab = direct ? Unpooled.directBuffer(SLAB_BYTES, SLAB_BYTES) : Unpooled.buffer(SLAB_BYTES, SLAB_BYTES);
                Bytes.zero(slab, 0, SLAB_BYTES);
                slabs.put(slabOf(at), slab);
            }
            Bytes.copy(from, index, slab, inSlab(at), bytes);
        }

        synchronized boolean has(long slab) {
            return slabs.containsKey(slab);
        }

        synchronized void zero(long at, int bytes) {
            @Nullable ByteBuf slab = slabs.get(slabOf(at));
            if (slab != null) {
                Bytes.zero(slab, inSlab(at), bytes);
            }
        }

        synchronized void drop(long slab) {
            @Nullable ByteBuf dropped = slabs.remove(slab);
            if (dropped != null) {
                dropped.release();
            }
        }

        synchronized void drop(long slab, long endSlab) {
            List<Long> found = slabs.keySet().stream()
                    .filter(key -> key >= slab && key < endSlab)
                    .toList();
            found.forEach(this::drop);
        }

        synchronized int count() {
            return slabs.size();
        }
    }
}
