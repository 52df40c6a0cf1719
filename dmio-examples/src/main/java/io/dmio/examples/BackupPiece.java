package io.dmio.examples;

import io.dmio.VmBuffer;
import io.netty.buffer.ByteBuf;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import java.util.zip.GZIPInputStream;

/**
 * A piece of a backup on its way to disk: a gzip file of its own, in whole blocks. Gzip files one after the other are a gzip file, so
 * {@code gzip -dc} unpacks what a target holds from its beginning, and an interrupted backup goes on with the next piece. The padding of the
 * last block, and what this program needs to know, are in the extra field of gzip's header (RFC 1952, FEXTRA):
 *
 * <pre>
 *     1f 8b 08 04 | 0:4 00 ff | length of the rest:2 | "DM" | length:2 | bytes:4 | sum:8 | last:1 | 0 … | deflated … | CRC32:4 | size:4
 * </pre>
 *
 * <p>A block of zeroes follows the last piece: else pieces that an older and longer backup left there would be unpacked, too.
 *
 * @param bytes the length of the piece on the target
 * @param sum of all that was packed up to here: of the sum of the piece before, and the content of this one
 * @param last whether the backup ends here
 */
record BackupPiece(int bytes, long sum, boolean last) {

    /** The most bytes that are packed into a piece. */
    static final int CONTENT_BYTES_MAX = 1 << 20;

    /** The size of the blocks that pieces are made of, which every disk can write. */
    static final int BLOCK_BYTES = 4096;

    private static final byte[] MAGIC = {0x1f, (byte) 0x8b, 8, 4, 0, 0, 0, 0, 0, (byte) 0xff};
    private static final short FIELD = 'D' | 'M' << 8;
    private static final int FIELD_BYTES = 4 + 8 + 1;
    private static final int BEFORE_BYTES = MAGIC.length + 2 + 4 + FIELD_BYTES; // everything before the padding
    private static final int AFTER_BYTES = 8;

    /** Returns the sum of everything up to a piece, from the sum of the piece before. */
    static long sum(long before, byte[] content) {
        CRC32 crc = new CRC32();
        crc.update(content);
        return before * 0x9E3779B97F4A7C15L + crc.getValue() + 1;
    }

    /**
     * Packs a piece.
     *
     * @param before the sum of the piece before, 0 for the first
     * @param content at most {@link #CONTENT_BYTES_MAX}
     * @param last whether it ends the backup
     * @return memory of whole blocks, to be released by the caller
     */
    static VmBuffer packed(long before, byte[] content, boolean last) {
        ByteBuffer deflated = ByteBuffer.allocate(CONTENT_BYTES_MAX + CONTENT_BYTES_MAX / 8 + BLOCK_BYTES);
        Deflater deflater = new Deflater(Deflater.BEST_SPEED, true);
        deflater.setInput(content);
        deflater.finish();
        while (!deflater.finished()) {
            deflater.deflate(deflated);
        }
        deflater.end();
        deflated.flip();
        int needed = BEFORE_BYTES + deflated.remaining() + AFTER_BYTES;
        int packed = (needed + BLOCK_BYTES - 1) / BLOCK_BYTES * BLOCK_BYTES;
        int bytes = packed + (last ? BLOCK_BYTES : 0);
        ByteBuffer piece = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
        int field = FIELD_BYTES + packed - needed;
        piece.put(MAGIC).putShort((short) (4 + field)).putShort(FIELD).putShort((short) field);
        piece.putInt(bytes).putLong(sum(before, content)).put((byte) (last ? 1 : 0));
        piece.position(piece.position() + packed - needed);
        CRC32 crc = new CRC32();
        crc.update(content);
        piece.put(deflated).putInt((int) crc.getValue()).putInt(content.length);
        VmBuffer memory = VmBuffer.allocate(bytes);
        memory.buffer().setBytes(0, piece.array());
        return memory;
    }

    /** Reads the first block of a piece; empty if it is not one. */
    static Optional<BackupPiece> of(ByteBuf block) {
        for (int i = 0; i < MAGIC.length; i++) {
            if (block.getByte(i) != MAGIC[i]) {
                return Optional.empty();
            }
        }
        int at = MAGIC.length + 2;
        int bytes = block.getIntLE(at + 4);
        boolean mine = block.getShortLE(at) == FIELD && bytes > 0 && bytes % BLOCK_BYTES == 0;
        return mine && bytes <= 2 * CONTENT_BYTES_MAX
                ? Optional.of(new BackupPiece(bytes, block.getLongLE(at + 8), block.getByte(at + 16) == 1))
                : Optional.empty();
    }

    /** Returns whether the piece is complete and undamaged, and follows a piece with this sum. */
    boolean isWhole(byte[] all, long before) {
        try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(all))) {
            return sum(before, in.readAllBytes()) == sum;
        } catch (IOException torn) {
            return false;
        }
    }
}
