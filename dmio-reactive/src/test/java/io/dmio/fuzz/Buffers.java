package io.dmio.fuzz;

import io.dmio.PagePool;
import io.netty.buffer.AdaptiveByteBufAllocator;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Draws buffers of every kind that Netty makes, views of views and composites of composites among them. */
final class Buffers {

    private static final ByteBufAllocator ADAPTIVE = new AdaptiveByteBufAllocator();
    private static final ByteBuffer DIRECT = ByteBuffer.allocateDirect(1 << 20); // those of the JDK are slow to make

    private static final int NOISE_STEP = 1021; // no two that lie side by side begin alike
    private static final byte[] NOISE = noise(1 << 17);

    private final Draw draw;
    private final List<Backing> backings = new ArrayList<>();
    private int noiseAt;
    private int directUsed;

    Buffers(Draw draw) {
        this.draw = draw;
    }

    /** All that was drawn since the last call. */
    List<Backing> taken() {
        List<Backing> taken = List.copyOf(backings);
        backings.clear();
        return taken;
    }

    /**
     * A buffer of any kind.
     *
     * @param bytes its capacity, at least 1
     * @param views how many may be laid over one another
     * @param filled whether somebody writes into it, so that it must not be read-only
     */
    Piece any(int bytes, int views, boolean filled) {
        int kind = views == 0 ? 0 : draw.below(10);
        return switch (kind) {
            case 0, 1 -> own(bytes);
            case 2, 3 -> slice(bytes, views, filled);
            case 4, 5 -> retainedSlice(bytes, views, filled);
            case 6 -> duplicate(bytes, views, filled);
            case 7 -> other(any(bytes, views - 1, filled), filled);
            default -> composite(bytes, views, filled);
        };
    }

    /** The indexes mean nothing, so they are anywhere. */
    Piece withAnyIndexes(Piece piece) {
        int writer = draw.below(piece.buffer().capacity() + 1);
        piece.buffer().setIndex(draw.below(writer + 1), writer);
        return piece;
    }

    private Piece own(int bytes) {
        return switch (draw.below(10)) {
            case 0 -> whole(Unpooled.directBuffer(bytes, bytes));
            case 1 -> whole(Unpooled.buffer(bytes, bytes));
            case 2 -> array(bytes);
            case 3 -> heapNio(bytes);
            case 4 -> directNio(bytes);
            case 5 -> whole(PooledByteBufAllocator.DEFAULT.directBuffer(bytes, bytes));
            case 6 -> whole(PooledByteBufAllocator.DEFAULT.heapBuffer(bytes, bytes));
            case 7 -> whole(ADAPTIVE.directBuffer(bytes, bytes));
            case 8 -> whole(ADAPTIVE.heapBuffer(bytes));
            default -> whole(PagePool.shared().allocate(bytes));
        };
    }

    /** A buffer that somebody made. */
    Piece whole(ByteBuf buffer) {
        return Piece.of(buffer, backed(buffer, buffer), 0);
    }

    private Piece array(int bytes) {
        int before = aside();
        byte[] array = new byte[before + bytes + aside()];
        ByteBuf buffer = Unpooled.wrappedBuffer(array, before, bytes);
        return Piece.of(buffer, backed(buffer, Unpooled.wrappedBuffer(array)), before);
    }

    private Piece heapNio(int bytes) {
        int before = aside();
        byte[] array = new byte[before + bytes + aside()];
        ByteBuf buffer = Unpooled.wrappedBuffer(ByteBuffer.wrap(array, before, bytes));
        return Piece.of(buffer, backed(buffer, Unpooled.wrappedBuffer(array)), before);
    }

    private Piece directNio(int bytes) {
        int before = aside();
        int all = before + bytes + aside();
        if (directUsed + all > DIRECT.capacity()) {
            return array(bytes);
        }
        ByteBuffer nio = DIRECT.duplicate().position(directUsed + before).limit(directUsed + before + bytes);
        ByteBuf buffer = Unpooled.wrappedBuffer(draw.oneIn(2) ? nio : nio.slice());
        ByteBuf around = Unpooled.wrappedBuffer(DIRECT.slice(directUsed, all));
        directUsed += all;
        return Piece.of(buffer, backed(buffer, around), before);
    }

    private Backing backed(ByteBuf counted, ByteBuf all) {
        noiseAt = (noiseAt + NOISE_STEP) % (NOISE.length / 2);
        byte[] content = Arrays.copyOfRange(NOISE, noiseAt, noiseAt + all.capacity());
        Backing backing = new Backing(counted, all, content);
        backings.add(backing);
        return backing;
    }

    private Piece slice(int bytes, int views, boolean filled) {
        int before = aside();
        Piece inner = any(before + bytes + aside(), views - 1, filled);
        if (draw.oneIn(3)) {
            return inner.by(
                    inner.buffer().setIndex(before, inner.buffer().capacity()).readSlice(bytes), before, bytes);
        }
        return inner.by(inner.buffer().slice(before, bytes), before, bytes);
    }

    private Piece retainedSlice(int bytes, int views, boolean filled) {
        int before = aside();
        Piece inner = any(before + bytes + aside(), views - 1, filled);
        ByteBuf slice = draw.oneIn(3)
                ? inner.buffer().setIndex(before, inner.buffer().capacity()).readRetainedSlice(bytes)
                : inner.buffer().retainedSlice(before, bytes);
        return inner.besides(slice, before, bytes, draw.oneIn(2));
    }

    private Piece duplicate(int bytes, int views, boolean filled) {
        Piece inner = any(bytes, views - 1, filled);
        ByteBuf plain = inner.buffer().duplicate();
        if (plain.capacity() != bytes) {
            return inner; // Netty may give the root, as large as that is, with its indexes set
        }
        if (draw.oneIn(2)) {
            return inner.by(plain);
        }
        return inner.besides(inner.buffer().retainedDuplicate(), 0, bytes, draw.oneIn(2));
    }

    @SuppressWarnings("deprecation") // order: people use it
    private Piece other(Piece inner, boolean filled) {
        return switch (draw.below(filled ? 2 : 4)) {
            case 0 -> inner.by(inner.buffer().order(ByteOrder.LITTLE_ENDIAN));
            case 1 ->
                inner.by(inner.buffer().setIndex(0, inner.buffer().capacity()).slice());
            case 2 -> inner.by(inner.buffer().asReadOnly());
            default -> inner.by(Unpooled.unmodifiableBuffer(inner.buffer()));
        };
    }

    private Piece composite(int bytes, int views, boolean filled) {
        int kind = draw.below(filled ? 3 : 4);
        List<ByteBuf> buffers = new ArrayList<>();
        List<Piece.Part> parts = new ArrayList<>();
        List<ByteBuf> others = new ArrayList<>();
        for (int left = bytes; left > 0; ) {
            int size = buffers.size() == 2 ? left : 1 + draw.below(left);
            int before = aside();
            Piece piece = any(before + size + aside(), views - 1, filled);
            buffers.add(piece.buffer().setIndex(before, before + size));
            parts.addAll(Piece.cut(piece.parts(), before, size));
            others.addAll(piece.others());
            left -= size;
        }
        ByteBuf[] all = buffers.toArray(ByteBuf[]::new);
        ByteBuf joined = switch (kind) {
            case 0 -> UnpooledByteBufAllocator.DEFAULT.compositeBuffer().addComponents(true, all);
            case 1 -> Unpooled.wrappedBuffer(all);
            case 2 -> flattened(all);
            default -> unmodifiable(all);
        };
        return new Piece(joined, parts, others);
    }

    private static ByteBuf flattened(ByteBuf[] all) {
        CompositeByteBuf composite = UnpooledByteBufAllocator.DEFAULT.compositeBuffer();
        for (ByteBuf buffer : all) {
            composite.addFlattenedComponents(true, buffer);
        }
        return composite;
    }

    /** Netty takes the parts from their first byte, wherever their reader index is, and of one order only. */
    @SuppressWarnings("deprecation") // order: people use it
    private static ByteBuf unmodifiable(ByteBuf[] all) {
        boolean oneOrder = Arrays.stream(all).allMatch(buffer -> buffer.order() == all[0].order());
        return oneOrder
                ? Unpooled.wrappedUnmodifiableBuffer(
                        Arrays.stream(all).map(ByteBuf::slice).toArray(ByteBuf[]::new))
                : Unpooled.wrappedBuffer(all);
    }

    /** Bytes beside what is used. */
    private int aside() {
        return draw.oneIn(2) ? 0 : 1 + draw.below(draw.oneIn(4) ? 600 : 16);
    }

    private static byte[] noise(int bytes) {
        byte[] noise = new byte[bytes];
        new Random(7).nextBytes(noise);
        return noise;
    }
}
