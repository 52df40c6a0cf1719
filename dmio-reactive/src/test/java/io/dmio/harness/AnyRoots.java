package io.dmio.harness;

import io.dmio.PagePool;
import io.dmio.Sectors;
import io.dmio.harness.AnyMemory.Piece;
import io.netty.buffer.AdaptiveByteBufAllocator;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** The memory below {@link AnyMemory}'s buffers: of every allocator, of the heap or direct, and wrapped. */
final class AnyRoots {

    private static final ByteBufAllocator ADAPTIVE = new AdaptiveByteBufAllocator(true);
    private static final int SLACK_MAX = 5000; // more than a page
    private static final int COMMON_BYTES = 256 << 10;

    private final SplittableRandom random;
    private final UnaryOperator<ByteBuf> own;
    private final List<Root> roots;
    private @Nullable Root common; // several buffers' own ranges lie in it, side by side
    private int commonUsed;

    AnyRoots(SplittableRandom random, UnaryOperator<ByteBuf> own, List<Root> roots) {
        this.random = random;
        this.own = own;
        this.roots = roots;
    }

    /** Memory that no other shares, and what it held when looked at last. */
    static final class Root {
        final ByteBuf bytes;
        byte[] seen;

        Root(ByteBuf bytes) {
            this.bytes = bytes;
            this.seen = AnyMemory.contentOf(bytes);
        }
    }

    /** Where a run of a buffer's bytes lies. */
    record Segment(Root root, int at, int bytes) {}

    /** A buffer of exactly so many bytes, and where they lie. */
    Piece draw(int bytes, boolean mayBeReadOnly) {
        int before = random.nextInt(3) == 0 ? slack(random) : 0;
        int after = random.nextInt(3) == 0 ? slack(random) : 0;
        int all = before + bytes + after;
        if (random.nextInt(4) == 0) {
            return wrapped(before, bytes, all, mayBeReadOnly);
        }
        if (random.nextInt(3) == 0) {
            return ofCommon(bytes);
        }
        Root root = root(allocated(all));
        List<Segment> segments = List.of(new Segment(root, before, bytes));
        return new Piece(before + after == 0 ? root.bytes : root.bytes.slice(before, bytes), segments);
    }

    /** A part of memory that others have parts of: what threads do with these must not meet. */
    private Piece ofCommon(int bytes) {
        Root root = common;
        if (root == null || root.bytes.capacity() - commonUsed < bytes) {
            root = root(allocated(COMMON_BYTES + bytes));
            common = root;
            commonUsed = 0;
        }
        int at = commonUsed;
        commonUsed += bytes;
        ByteBuf part =
                random.nextBoolean() ? root.bytes.slice(at, bytes) : own.apply(root.bytes.retainedSlice(at, bytes));
        return new Piece(part, List.of(new Segment(root, at, bytes)));
    }

    private ByteBuf allocated(int bytes) {
        ByteBufAllocator from = switch (random.nextInt(3)) {
            case 0 -> PooledByteBufAllocator.DEFAULT;
            case 1 -> UnpooledByteBufAllocator.DEFAULT;
            default -> ADAPTIVE;
        };
        return switch (random.nextInt(5)) {
            case 0, 1 -> from.directBuffer(bytes, bytes);
            case 2 -> from.heapBuffer(bytes, bytes);
            default -> PagePool.shared().allocate(bytes);
        };
    }

    /** Memory of the user's own, as an array or an NIO buffer with position and limit. */
    private Piece wrapped(int before, int bytes, int all, boolean mayBeReadOnly) {
        boolean direct = random.nextBoolean();
        ByteBuffer memory = direct ? direct(all) : ByteBuffer.allocate(all);
        Root root = root(Unpooled.wrappedBuffer(memory.duplicate()));
        boolean asArray = !direct && random.nextBoolean();
        ByteBuffer range = memory.position(before).limit(before + bytes);
        boolean readOnly = mayBeReadOnly && random.nextInt(3) == 0;
        ByteBuf buffer = asArray
                ? Unpooled.wrappedBuffer(memory.array(), before, bytes)
                : Unpooled.wrappedBuffer(readOnly ? range.asReadOnlyBuffer() : range);
        return new Piece(own.apply(buffer), List.of(new Segment(root, before, bytes)));
    }

    /** Half of it starts on a page, so that parts of it are aligned and others only seem to be. */
    private ByteBuffer direct(int bytes) {
        return random.nextBoolean()
                ? ByteBuffer.allocateDirect(bytes)
                : ByteBuffer.allocateDirect(bytes + 2 * Sectors.PAGE_BYTES)
                        .alignedSlice(Sectors.PAGE_BYTES)
                        .slice(0, bytes);
    }

    /** How much of a buffer lies before what is used of it: odd, or whole sectors. */
    static int slack(SplittableRandom random) {
        int bytes = random.nextInt(SLACK_MAX);
        return random.nextBoolean() ? bytes : bytes / Sectors.BYTES * Sectors.BYTES;
    }

    private Root root(ByteBuf bytes) {
        byte[] noise = new byte[bytes.capacity()];
        new java.util.Random(random.nextLong()).nextBytes(noise);
        bytes.setBytes(0, noise);
        Root root = new Root(own.apply(bytes));
        roots.add(root);
        return root;
    }
}
