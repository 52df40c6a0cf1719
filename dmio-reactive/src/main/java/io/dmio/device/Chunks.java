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
 * Sparse memory addressed by {@code long} byte: chunks of 64 KiB, each allocated by the first write into it; what was never
 * written reads as zeroes. Chunks are spread over stripes with a lock each, so every copy is atomic within one chunk and
 * nothing is allocated to find one. Safe for concurrent use. Owned by one {@link MemoryDevice}.
 */
final class Chunks {

    static final int CHUNK_BYTES = 1 << 16;
    private static final int CHUNK_SECTORS = CHUNK_BYTES / Sectors.BYTES;
    private static final int STRIPES = 64;
    private static final int EXTENT_LOOKS_MAX = 1 << 16; // 4 GiB of chunks
    private static final int LOOKUPS_MAX = 1024; // beyond that many, walking what exists is cheaper than looking up

    private final Stripe[] stripes = new Stripe[STRIPES];
    private final boolean direct;

    Chunks(boolean direct) {
        this.direct = direct;
        for (int i = 0; i < STRIPES; i++) {
            stripes[i] = new Stripe();
        }
    }

    void read(long at, ByteBuf into, int index, int bytes) {
        for (int done = 0; done < bytes; ) {
            int step = Math.min(bytes - done, CHUNK_BYTES - inChunk(at + done));
            stripeOf(at + done).read(at + done, into, index + done, step);
            done += step;
        }
    }

    void write(long at, ByteBuf from, int index, int bytes) {
        for (int done = 0; done < bytes; ) {
            int step = Math.min(bytes - done, CHUNK_BYTES - inChunk(at + done));
            stripeOf(at + done).write(at + done, from, index + done, step);
            done += step;
        }
    }

    /** Makes the range read as zeroes and frees the chunks that lie in it whole. */
    void clear(long at, long bytes) {
        int head = (int) Math.min(bytes, -at & (CHUNK_BYTES - 1)); // up to the first chunk's start
        long whole = (bytes - head) / CHUNK_BYTES;
        int tail = (int) ((bytes - head) % CHUNK_BYTES);
        zero(at, head);
        drop(chunkOf(at + head), whole);
        zero(at + bytes - tail, tail);
    }

    /** Frees every chunk. */
    void free() {
        for (Stripe stripe : stripes) {
            stripe.drop(0, Long.MAX_VALUE);
        }
    }

    /** Which sectors have memory of their own; of a long range the beginning. */
    List<Extent> extents(long sector, long sectorCount) {
        List<Extent> found = new ArrayList<>();
        long end = sector + sectorCount;
        long start = sector;
        long at = sector;
        for (int looks = 0; at < end && looks < EXTENT_LOOKS_MAX; looks++) {
            boolean data = isAllocated(at);
            long next = Math.min(end, (at / CHUNK_SECTORS + 1) * CHUNK_SECTORS);
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
        return stripeOf(at).has(chunkOf(at));
    }

    long allocatedBytes() {
        long count = 0;
        for (Stripe stripe : stripes) {
            count += stripe.count();
        }
        return count * CHUNK_BYTES;
    }

    private void zero(long at, int bytes) { // inside one chunk
        if (bytes > 0) {
            stripeOf(at).zero(at, bytes);
        }
    }

    private void drop(long chunk, long count) {
        if (count <= LOOKUPS_MAX) {
            for (long i = chunk; i < chunk + count; i++) {
                stripes[(int) i & (STRIPES - 1)].drop(i);
            }
            return;
        }
        for (Stripe stripe : stripes) {
            stripe.drop(chunk, chunk + count);
        }
    }

    private Stripe stripeOf(long at) {
        return stripes[(int) chunkOf(at) & (STRIPES - 1)];
    }

    private static long chunkOf(long at) {
        return at / CHUNK_BYTES;
    }

    private static int inChunk(long at) {
        return (int) at & (CHUNK_BYTES - 1);
    }

    /** Every 64th chunk and the lock that guards them. Nothing is called from inside the lock but copies. */
    private final class Stripe {

        private final LongObjectHashMap<ByteBuf> chunks = new LongObjectHashMap<>();

        synchronized void read(long at, ByteBuf into, int index, int bytes) {
            @Nullable ByteBuf chunk = chunks.get(chunkOf(at));
            if (chunk == null) {
                Bytes.zero(into, index, bytes);
            } else {
                Bytes.copy(chunk, inChunk(at), into, index, bytes);
            }
        }

        synchronized void write(long at, ByteBuf from, int index, int bytes) {
            @Nullable ByteBuf chunk = chunks.get(chunkOf(at));
            if (chunk == null) {
                chunk = direct
                        ? Unpooled.directBuffer(CHUNK_BYTES, CHUNK_BYTES)
                        : Unpooled.buffer(CHUNK_BYTES, CHUNK_BYTES);
                Bytes.zero(chunk, 0, CHUNK_BYTES);
                chunks.put(chunkOf(at), chunk);
            }
            Bytes.copy(from, index, chunk, inChunk(at), bytes);
        }

        synchronized boolean has(long chunk) {
            return chunks.containsKey(chunk);
        }

        synchronized void zero(long at, int bytes) {
            @Nullable ByteBuf chunk = chunks.get(chunkOf(at));
            if (chunk != null) {
                Bytes.zero(chunk, inChunk(at), bytes);
            }
        }

        synchronized void drop(long chunk) {
            @Nullable ByteBuf dropped = chunks.remove(chunk);
            if (dropped != null) {
                dropped.release();
            }
        }

        synchronized void drop(long chunk, long endChunk) {
            List<Long> found = chunks.keySet().stream()
                    .filter(key -> key >= chunk && key < endChunk)
                    .toList();
            found.forEach(this::drop);
        }

        synchronized int count() {
            return chunks.size();
        }
    }
}
