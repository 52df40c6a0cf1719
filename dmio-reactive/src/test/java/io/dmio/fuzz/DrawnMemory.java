package io.dmio.fuzz;

import io.dmio.BioVector;
import io.dmio.BioVectors;
import io.dmio.IoMemory;
import io.dmio.PageList;
import io.dmio.Sectors;
import io.dmio.VmBuffer;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Memory of a drawn kind, and where each of its bytes really is. */
final class DrawnMemory {

    private static final int VIEWS_MAX = 4;

    private final IoMemory memory;
    private final List<Piece> pieces;
    private final List<Piece.Part> parts;
    private final List<Backing> backings;
    private final List<int[]> indexes = new ArrayList<>();

    private DrawnMemory(IoMemory memory, List<Piece> pieces, List<Piece.Part> parts, List<Backing> backings) {
        this.memory = memory;
        this.pieces = pieces;
        this.parts = parts;
        this.backings = backings;
        backings.forEach(Backing::counts);
        pieces.forEach(Piece::checked);
        for (Piece piece : pieces) {
            indexes.add(indexesOf(piece.buffer()));
        }
    }

    /**
     * Any memory.
     *
     * @param bytes at least so many
     * @param filled whether it is to be read into
     */
    static DrawnMemory any(Draw draw, Buffers buffers, int bytes, boolean filled) {
        int least = Math.max(bytes, Sectors.BYTES);
        return switch (draw.below(8)) {
            case 0 -> buffer(buffers, VmBuffer.of(new byte[least]));
            case 1 -> buffer(buffers, VmBuffer.allocate(least + draw.below(3) * Sectors.BYTES));
            case 2, 3 -> pages(draw, buffers, least, filled);
            case 4, 5 -> vectors(draw, buffers, least, filled);
            default -> {
                int views = draw.below(VIEWS_MAX + 1);
                Piece piece =
                        buffers.withAnyIndexes(buffers.any(least + draw.below(2) * draw.below(600), views, filled));
                yield new DrawnMemory(VmBuffer.of(piece.buffer()), List.of(piece), piece.parts(), buffers.taken());
            }
        };
    }

    private static DrawnMemory buffer(Buffers buffers, VmBuffer memory) {
        Piece piece = buffers.withAnyIndexes(buffers.whole(memory.buffer()));
        return new DrawnMemory(memory, List.of(piece), piece.parts(), buffers.taken());
    }

    private static DrawnMemory pages(Draw draw, Buffers buffers, int bytes, boolean filled) {
        int offset = draw.below(Sectors.PAGE_BYTES / Sectors.BYTES) * Sectors.BYTES;
        int count = (int) Sectors.pagesOf(offset + bytes) + draw.below(2);
        List<Piece> pieces = new ArrayList<>();
        List<Piece.Part> parts = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Piece page = buffers.withAnyIndexes(buffers.any(Sectors.PAGE_BYTES, draw.below(VIEWS_MAX), filled));
            pieces.add(page);
            parts.addAll(page.parts());
        }
        PageList memory = PageList.of(pieces.stream().map(Piece::buffer).toList(), offset);
        return new DrawnMemory(memory, pieces, Piece.cut(parts, offset, (int) memory.bytes()), buffers.taken());
    }

    private static DrawnMemory vectors(Draw draw, Buffers buffers, int bytes, boolean filled) {
        List<Piece> pieces = new ArrayList<>();
        List<Piece.Part> parts = new ArrayList<>();
        List<BioVector> vectors = new ArrayList<>();
        int left = (bytes + Sectors.BYTES - 1) / Sectors.BYTES * Sectors.BYTES;
        while (left > 0) {
            int most = left / Sectors.BYTES;
            int length = Sectors.BYTES * (vectors.size() == 5 ? most : 1 + draw.below(most));
            int before = draw.oneIn(2) ? 0 : draw.below(40);
            Piece piece = buffers.withAnyIndexes(
                    buffers.any(before + length + draw.below(2) * 7, draw.below(VIEWS_MAX), filled));
            pieces.add(piece);
            parts.addAll(Piece.cut(piece.parts(), before, length));
            vectors.add(new BioVector(piece.buffer(), before, length));
            left -= length;
        }
        return new DrawnMemory(BioVectors.of(vectors), pieces, parts, buffers.taken());
    }

    IoMemory memory() {
        return memory;
    }

    /** What its first bytes should be. */
    byte[] expected(int bytes) {
        byte[] content = new byte[bytes];
        int at = 0;
        for (Piece.Part part : Piece.cut(parts, 0, bytes)) {
            part.backing().expected(part.from(), content, at, part.length());
            at += part.length();
        }
        return content;
    }

    /** What its first bytes are; from now on they should be that. */
    byte[] filled(int bytes) {
        byte[] content = new byte[bytes];
        int at = 0;
        for (Piece.Part part : Piece.cut(parts, 0, bytes)) {
            part.backing().actual(part.from(), content, at, part.length());
            part.backing().expect(part.from(), content, at, part.length());
            at += part.length();
        }
        return content;
    }

    /** Nobody else has a hold of it, and no byte or index was changed but as it was told here. */
    void check() {
        backings.forEach(Backing::check);
        for (int i = 0; i < indexes.size(); i++) {
            ByteBuf buffer = pieces.get(i).buffer();
            if (!Arrays.equals(indexes.get(i), indexesOf(buffer))) {
                throw new AssertionError("the indexes of " + buffer + " were moved");
            }
        }
    }

    void release(boolean byMemory) {
        if (byMemory) {
            memory.release();
            pieces.forEach(piece -> piece.others().forEach(ByteBuf::release));
        } else {
            pieces.forEach(Piece::release);
        }
        backings.forEach(Backing::end);
    }

    private static int[] indexesOf(ByteBuf buffer) {
        return new int[] {buffer.readerIndex(), buffer.writerIndex()};
    }

    @Override
    public String toString() {
        return memory.getClass().getSimpleName() + " of "
                + pieces.stream().map(Piece::buffer).toList();
    }

    /** A buffer of its own, for a stream. */
    static Piece ofStream(Draw draw, Buffers buffers, int bytes) {
        int before = draw.oneIn(3) ? draw.below(50) : 0;
        Piece piece = buffers.any(before + Math.max(1, bytes) + draw.below(2) * 5, draw.below(VIEWS_MAX), false);
        piece.buffer().setIndex(before, before + bytes);
        return piece.checked();
    }
}
