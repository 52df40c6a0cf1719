package io.dmio;

import io.dmio.memory.Bytes;
import io.dmio.memory.Views;
import io.netty.buffer.ByteBuf;
import java.util.List;
import java.util.Objects;

/**
 * Bytes of a request that go to all its legs at once, and are charged to the budget once: the legs share the
 * memory. Made when its pages are granted, released when the last leg has answered.
 */
final class Span {

    private final IoRequest request;
    private final long from;
    private final ByteBuf whole; // shared by the legs: nobody moves its indexes
    private final boolean copied;

    private Span(IoRequest request, long from, ByteBuf whole, boolean copied) {
        this.request = request;
        this.from = from;
        this.whole = whole;
        this.copied = copied;
    }

    /**
     * Retains the bytes, or copies them once: if every leg would have to, or if the caller wants them stable.
     *
     * @param alignmentBytes the alignment of memory that all legs need; 0 if the device itself copies where it must
     */
    static Span of(IoRequest request, long from, int bytes, int alignmentBytes) {
        ByteBuf whole = memory(request).retainedView(from, bytes);
        boolean stable = request.options().stableCopy();
        if (!stable && (alignmentBytes == 0 || PagePool.isAligned(whole, alignmentBytes))) {
            return new Span(request, from, whole, false);
        }
        return new Span(request, from, copied(whole, stable), true);
    }

    /** Returns the bytes themselves, or a copy if several devices would each have to make one; takes over the caller's reference. */
    static ByteBuf alignedForAll(ByteBuf whole, List<IoRegion> regions) {
        if (regions.size() == 1) {
            return whole; // the device itself copies, if it must
        }
        boolean aligned;
        try {
            aligned = PagePool.isAligned(whole, alignment(regions));
        } catch (Throwable thrown) { // by a device that cannot describe itself
            whole.release();
            throw thrown;
        }
        return aligned ? whole : copied(whole, false);
    }

    private static int alignment(List<IoRegion> regions) {
        int alignment = 1;
        for (int i = 0; i < regions.size(); i++) { // by index: no iterator on this path
            alignment = Math.max(alignment, regions.get(i).device().info().memoryAlignmentBytes());
        }
        return alignment;
    }

    private static ByteBuf copied(ByteBuf whole, boolean stable) {
        int bytes = whole.capacity();
        try {
            PagePool pool = PagePool.shared();
            ByteBuf copy = stable ? pool.allocate(bytes) : pool.allocateBounce(bytes);
            Bytes.copy(whole, 0, copy, 0, bytes);
            return copy;
        } finally {
            whole.release();
        }
    }

    long from() {
        return from;
    }

    int bytes() {
        return whole.capacity();
    }

    /** Returns the bytes, which the span holds, in a buffer as long as the span. */
    ByteBuf whole() {
        return whole;
    }

    boolean reads() {
        return request.kind() == BlockOp.Kind.READ;
    }

    boolean fua() {
        return request.options().fua();
    }

    /** Returns a part by its place in the request. The whole is shared rather than sliced, so that its parts stay visible. */
    ByteBuf retainedView(long at, int bytes) {
        if (at == from && bytes == whole.capacity()) {
            return whole.retain();
        }
        return copied
                ? Views.retainedSlice(whole, (int) (at - from), bytes)
                : memory(request).retainedView(at, bytes);
    }

    private static IoMemory memory(IoRequest request) {
        return Objects.requireNonNull(request.memoryOrNull(), "a read or write has memory");
    }

    void release() {
        whole.release();
    }
}
