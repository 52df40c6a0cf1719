package io.dmio;

import io.netty.buffer.ByteBuf;
import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/**
 * A list of memory pieces, as the {@code bio_vec} array of {@code dm_io_async_bvec}. Any number of pieces; the engines pass
 * as many as the kernel takes in one call. {@link #slice} directs different portions of one list to different devices.
 */
public final class BioVectors implements IoMemory {

    private final List<BioVector> vectors;
    private final long[] starts; // starts[i] is the first byte of vector i; the last entry is the total

    private BioVectors(List<BioVector> vectors) {
        if (vectors.isEmpty()) {
            throw new IllegalArgumentException("no vectors: the list needs at least one");
        }
        this.vectors = vectors;
        this.starts = new long[vectors.size() + 1];
        for (int i = 0; i < vectors.size(); i++) {
            starts[i + 1] = starts[i] + vectors.get(i).length();
        }
    }

    /**
     * Makes memory of pieces, in their order.
     *
     * @param vectors at least one; the list is copied
     * @return the memory
     */
    public static BioVectors of(List<BioVector> vectors) {
        return new BioVectors(List.copyOf(vectors));
    }

    /**
     * Makes memory of pieces, in their order.
     *
     * @param vectors at least one
     * @return the memory
     */
    public static BioVectors of(BioVector... vectors) {
        return new BioVectors(List.of(vectors));
    }

    /**
     * The pieces.
     *
     * @return an immutable list
     */
    public List<BioVector> vectors() {
        return vectors;
    }

    /**
     * A portion of this memory, for another device. Shares the buffers and owns nothing.
     *
     * @param from its first byte; whole sectors
     * @param bytes its length; whole sectors, at least one
     * @return the portion
     */
    public BioVectors slice(long from, long bytes) {
        Sectors.ofBytes(from);
        Sectors.ofBytes(bytes);
        Pieces pieces = new Pieces(from, bytes);
        BioVector[] part = new BioVector[pieces.count];
        for (int i = 0; i < part.length; i++) {
            part[i] = pieces.next();
        }
        return of(part);
    }

    @Override
    public long bytes() {
        return starts[vectors.size()];
    }

    @Override
    public ByteBuf retainedView(long from, int bytes) {
        Pieces pieces = new Pieces(from, bytes);
        ByteBuf[] parts = new ByteBuf[pieces.count];
        for (int i = 0; i < parts.length; i++) {
            BioVector piece = pieces.next();
            parts[i] = Views.retainedSlice(piece.page(), piece.offset(), piece.length());
        }
        return Views.join(parts);
    }

    @Override
    public boolean readOnly() {
        return vectors.stream().anyMatch(vector -> vector.page().isReadOnly());
    }

    /** Releases each distinct buffer once, however many pieces lie in it. */
    @Override
    public void release() {
        // by identity: buffers of equal content are equal
        Set<ByteBuf> pages = Collections.newSetFromMap(new IdentityHashMap<>());
        vectors.forEach(vector -> pages.add(vector.page()));
        pages.forEach(ByteBuf::release);
    }

    /** The pieces of a byte range, the first and last cut to it. */
    private final class Pieces implements Iterator<BioVector> {
        private final long end;
        private final int count;
        private long at;
        private int index;

        Pieces(long from, long bytes) {
            Objects.checkFromIndexSize(from, bytes, bytes());
            this.at = from;
            this.end = from + bytes;
            this.index = vectorOf(from);
            this.count = bytes == 0 ? 0 : vectorOf(end - 1) - index + 1;
        }

        @Override
        public boolean hasNext() {
            return at < end;
        }

        @Override
        public BioVector next() {
            BioVector whole = vectors.get(index);
            int skip = (int) (at - starts[index]);
            int length = (int) (Math.min(end, starts[index + 1]) - at);
            index++;
            at += length;
            return skip == 0 && length == whole.length()
                    ? whole
                    : new BioVector(whole.page(), whole.offset() + skip, length);
        }

        private int vectorOf(long at) {
            int found = Arrays.binarySearch(starts, at);
            return found >= 0 ? found : -found - 2;
        }
    }
}
