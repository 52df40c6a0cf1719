package io.dmio;

import io.dmio.memory.Views;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * A list of memory pieces, the counterpart of the {@code bio_vec} array of {@code dm_io_async_bvec}. The list may have any
 * number of pieces; the engines pass as many as the kernel takes in one call. {@link #slice} directs different portions of one
 * list to different devices.
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
     * Returns memory made of the given pieces, in their order.
     *
     * @param vectors at least one; the list is copied
     * @return the memory
     */
    public static BioVectors of(List<BioVector> vectors) {
        return new BioVectors(List.copyOf(Objects.requireNonNull(vectors, "vectors")));
    }

    /**
     * Returns memory made of the given pieces, in their order.
     *
     * @param vectors at least one
     * @return the memory
     */
    public static BioVectors of(BioVector... vectors) {
        return new BioVectors(List.of(Objects.requireNonNull(vectors, "vectors")));
    }

    /**
     * Returns the pieces.
     *
     * @return an immutable list
     */
    public List<BioVector> vectors() {
        return vectors;
    }

    /**
     * Returns a portion of this memory, for another device. The portion shares the buffers and owns nothing.
     *
     * @param from the portion's first byte; whole sectors
     * @param bytes the portion's length; whole sectors, at least one
     * @return the portion
     */
    public BioVectors slice(long from, long bytes) {
        Sectors.ofBytes(from);
        if (Sectors.ofBytes(bytes) == 0) {
            throw new IllegalArgumentException("a slice of 0 bytes: at least one sector");
        }
        Pieces pieces = new Pieces(from, bytes);
        List<BioVector> part = new ArrayList<>(pieces.count);
        while (pieces.next()) {
            part.add(new BioVector(pieces.page, pieces.offset, pieces.length));
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
        Views.Joined joined = new Views.Joined(pieces.count);
        while (pieces.next()) {
            joined.add(pieces.page, pieces.offset, pieces.length);
        }
        return joined.view();
    }

    @Override
    public boolean readOnly() {
        return vectors.stream().anyMatch(vector -> Views.isReadOnly(vector.page()));
    }

    /** Releases each distinct buffer once, however many pieces lie in it. */
    @Override
    public void release() {
        Views.releaseDistinct(vectors.stream().map(BioVector::page));
    }

    /** Walks over the pieces of a byte range, the first and last cut to it. */
    private final class Pieces {
        private final long end;
        private final int count;
        private long at;
        private int index;

        // the current piece; a range may start and end anywhere, so unlike a BioVector it need not be whole sectors
        private ByteBuf page;
        private int offset;
        private int length;

        Pieces(long from, long bytes) {
            Objects.checkFromIndexSize(from, bytes, bytes());
            this.at = from;
            this.end = from + bytes;
            this.index = vectorOf(from);
            this.count = bytes == 0 ? 0 : vectorOf(end - 1) - index + 1;
            this.page = vectors.get(0).page();
        }

        boolean next() {
            if (at == end) {
                return false;
            }
            BioVector whole = vectors.get(index);
            int skip = (int) (at - starts[index]);
            page = whole.page();
            offset = whole.offset() + skip;
            length = (int) (Math.min(end, starts[index + 1]) - at);
            index++;
            at += length;
            return true;
        }

        private int vectorOf(long at) {
            int found = Arrays.binarySearch(starts, at);
            return found >= 0 ? found : -found - 2;
        }
    }
}
