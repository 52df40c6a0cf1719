package io.dmio.harness;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.harness.AnyRoots.Root;
import io.dmio.harness.AnyRoots.Segment;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Buffers of every kind that Netty makes and of every shape that users give them: pooled, unpooled, adaptive, of the heap, direct,
 * wrapped, read-only; slices, duplicates, composites and swapped ones of each other, some levels deep, with indexes anywhere. Keeps
 * the memory below them and knows which byte of it is which of theirs, so that a test sees a byte that changed beside them, and a
 * reference too many or too few. For one test; closed at its end.
 */
public final class AnyMemory implements AutoCloseable {

    private static final int DEPTH_MAX = 4;

    private final SplittableRandom random;
    private final Deque<ByteBuf> owned = new ArrayDeque<>(); // released from the newest on
    private final List<Root> roots = new ArrayList<>();
    private final AnyRoots base;
    private boolean mayBeReadOnly;

    /** Draws by this source of chance. */
    public AnyMemory(SplittableRandom random) {
        this.random = random;
        this.base = new AnyRoots(random, this::own, roots);
    }

    /** A buffer, its bytes from 0 to capacity, and where they lie. */
    record Piece(ByteBuf buffer, List<Segment> segments) {}

    /** What was drawn: a buffer, and how to look below it. */
    public static final class Drawn {
        private final Piece piece;
        private final String how;

        private Drawn(Piece piece) {
            this.piece = piece;
            this.how = piece.buffer.toString();
        }

        /** The buffer, borrowed. */
        public ByteBuf buffer() {
            return piece.buffer;
        }

        /** Its bytes, as they are in the memory below. */
        public byte[] content() {
            byte[] all = new byte[piece.buffer.capacity()];
            int done = 0;
            for (Segment segment : piece.segments) {
                segment.root().bytes.getBytes(segment.at(), all, done, segment.bytes());
                done += segment.bytes();
            }
            return all;
        }

        /** Notes that a read is to put this there, so that it is no change that nobody wanted. */
        public void expect(int from, byte[] content) {
            int done = -from;
            for (Segment segment : piece.segments) {
                for (int i = 0; i < segment.bytes(); i++, done++) {
                    if (done >= 0 && done < content.length) {
                        segment.root().seen[segment.at() + i] = content[done];
                    }
                }
            }
        }

        @Override
        public String toString() {
            return how;
        }
    }

    /**
     * A buffer of exactly so many bytes, full of chance.
     *
     * @param bytes at least 1
     * @param readOnly whether it may be of a kind that cannot be written
     */
    public Drawn draw(int bytes, boolean readOnly) {
        mayBeReadOnly = readOnly;
        Piece piece = piece(bytes, random.nextInt(DEPTH_MAX + 1));
        assertThat(piece.buffer.capacity()).as("%s", piece.buffer).isEqualTo(bytes);
        int writer = random.nextInt(bytes + 1);
        piece.buffer.setIndex(random.nextInt(writer + 1), writer);
        Drawn drawn = new Drawn(piece);
        byte[] asNettySays = contentOf(piece.buffer);
        assertThat(Arrays.equals(asNettySays, drawn.content()))
                .as("the map of %s", piece.buffer)
                .isTrue();
        return drawn;
    }

    /** Whether each byte of all memory is what it was, or what was {@linkplain Drawn#expect expected}. */
    public void assertNothingElseChanged() {
        for (Root root : roots) {
            int first = Arrays.mismatch(contentOf(root.bytes), root.seen);
            assertThat(first)
                    .as("first byte that is not as it should be, in %s", root.bytes)
                    .isEqualTo(-1);
        }
    }

    /** How often each buffer is referenced, to compare. */
    public List<Integer> references() {
        return owned.stream().map(ByteBuf::refCnt).toList();
    }

    /** Releases everything; all of it must then be free. */
    @Override
    public void close() {
        while (!owned.isEmpty()) {
            owned.removeLast().release();
        }
        for (Root root : roots) {
            assertThat(root.bytes.refCnt()).as("references of %s", root.bytes).isZero();
        }
    }

    static byte[] contentOf(ByteBuf buffer) {
        byte[] all = new byte[buffer.capacity()];
        buffer.getBytes(0, all);
        return all;
    }

    private <T extends ByteBuf> T own(T buffer) {
        owned.addLast(buffer);
        return buffer;
    }

    private Piece piece(int bytes, int depth) {
        if (depth == 0) {
            return base.draw(bytes, mayBeReadOnly);
        }
        return switch (random.nextInt(6)) {
            case 0, 1 -> part(bytes, depth);
            case 2, 3 -> bytes < 2 ? base.draw(bytes, mayBeReadOnly) : composite(bytes, depth);
            default -> sameBytes(piece(bytes, depth - 1));
        };
    }

    /** A part of something longer. */
    private Piece part(int bytes, int depth) {
        int before = AnyRoots.slack(random);
        int after = AnyRoots.slack(random);
        Piece whole = piece(before + bytes + after, depth - 1);
        ByteBuf from = whole.buffer;
        ByteBuf part = switch (random.nextInt(5)) {
            case 0 -> from.slice(before, bytes);
            case 1 -> own(from.retainedSlice(before, bytes));
            case 2 -> from.setIndex(before, before + bytes).slice();
            case 3 -> from.setIndex(before, from.capacity()).readSlice(bytes);
            default -> own(from.setIndex(before, from.capacity()).readRetainedSlice(bytes));
        };
        return new Piece(part, cut(whole.segments, before, bytes));
    }

    private static List<Segment> cut(List<Segment> segments, int from, int bytes) {
        List<Segment> cut = new ArrayList<>();
        int at = 0;
        for (Segment segment : segments) {
            int start = Math.max(from, at);
            int end = Math.min(from + bytes, at + segment.bytes());
            if (start < end) {
                cut.add(new Segment(segment.root(), segment.at() + start - at, end - start));
            }
            at += segment.bytes();
        }
        return cut;
    }

    private Piece composite(int bytes, int depth) {
        int parts = Math.min(bytes, 2 + random.nextInt(3));
        List<Segment> segments = new ArrayList<>();
        ByteBuf[] buffers = new ByteBuf[parts];
        int left = bytes;
        for (int i = 0; i < parts; i++) {
            int length = i == parts - 1 ? left : 1 + random.nextInt(left - (parts - i - 1));
            Piece part = piece(length, random.nextInt(depth));
            segments.addAll(part.segments);
            buffers[i] = part.buffer.setIndex(0, length).retain();
            left -= length;
        }
        return new Piece(own(joined(buffers)), segments);
    }

    private ByteBuf joined(ByteBuf[] buffers) {
        return switch (random.nextInt(mayBeReadOnly ? 4 : 3)) {
            case 0 -> Unpooled.wrappedBuffer(buffers);
            case 1 ->
                new CompositeByteBuf(UnpooledByteBufAllocator.DEFAULT, random.nextBoolean(), buffers.length, buffers);
            case 2 ->
                PooledByteBufAllocator.DEFAULT
                        .compositeDirectBuffer(buffers.length)
                        .addComponents(true, buffers);
            default ->
                Unpooled.wrappedUnmodifiableBuffer(Arrays.stream(buffers)
                        .map(buffer -> order(buffer, ByteOrder.BIG_ENDIAN)) // all of one order, it asks
                        .toArray(ByteBuf[]::new));
        };
    }

    /** Another buffer of the same bytes. */
    private Piece sameBytes(Piece of) {
        int bytes = of.buffer.capacity();
        ByteBuf from = of.buffer.setIndex(0, bytes);
        ByteBuf same = switch (random.nextInt(mayBeReadOnly ? 7 : 6)) {
            case 0 -> from.slice();
            case 1 -> own(from.retainedSlice());
            case 2 -> from.duplicate();
            case 3 -> own(from.retainedDuplicate());
            case 4 -> order(from, ByteOrder.LITTLE_ENDIAN);
            case 5 -> order(from, ByteOrder.BIG_ENDIAN);
            default -> from.asReadOnly();
        };
        // Netty duplicates the root of a slice of a pooled slice, and has the indexes say which part: so users slice
        // it.
        return new Piece(same.capacity() == bytes ? same : same.slice(), of.segments);
    }

    @SuppressWarnings("deprecation") // users do
    private static ByteBuf order(ByteBuf from, ByteOrder order) {
        return from.order(order);
    }
}
