package io.dmio.app.cli;

import io.netty.buffer.ByteBuf;
import java.util.List;
import java.util.Optional;
import java.util.function.ToLongFunction;

/**
 * What a disk or an image holds, found by the marks that file systems, partition tables and volume managers leave, to warn users that would
 * overwrite it. Marks and places are those of {@code blkid}, which cannot look at NBD exports.
 *
 * @param words such as {@code an ext file system}
 * @param endBytes the end of the part in use; {@link #WHOLE} if that is everything, or cannot be told
 */
public record Signature(String words, long endBytes) {

    /** Stands for the end of the disk. */
    public static final long WHOLE = Long.MAX_VALUE;

    /** The length of a disk's start that has to be looked at. */
    public static final int HEAD_BYTES = 256 << 10;

    private static final int BLOCK = 512;
    private static final int PARTITIONS_AT = 446;
    private static final int PARTITION_BYTES = 16;

    private static final List<Mark> MARKS = List.of(
            new Mark("an encrypted volume (LUKS)", 0, "LUKS\u00ba\u00be"),
            new Mark("an LVM volume", 0, "LABELONE"),
            new Mark("an LVM volume", 512, "LABELONE"),
            new Mark("an LVM volume", 1024, "LABELONE"),
            new Mark("an LVM volume", 1536, "LABELONE"),
            new Mark("a member of an md array", 0, "\u00fcN+\u00a9"),
            new Mark("a member of an md array", 4096, "\u00fcN+\u00a9"),
            new Mark("a bcache device", 0x1018, "\u00c6\u0085s\u00f6N\u001aE\u00ca"),
            new Mark("swap space", 4086, "SWAPSPACE2"),
            new Mark("swap space", 4086, "SWAP-SPACE"),
            new Mark("an ext file system", 0x438, "S\u00ef", Signature::extBytes),
            new Mark("an XFS file system", 0, "XFSB", head -> head.getLong(8) * head.getInt(4)),
            new Mark("a btrfs file system", 0x10040, "_BHRfS_M", head -> head.getLongLE(0x10070)),
            new Mark("an F2FS file system", 0x400, "\u0010 \u00f5\u00f2"),
            new Mark("an NTFS file system", 3, "NTFS    "),
            new Mark("an exFAT file system", 3, "EXFAT   "),
            new Mark("a FAT file system", 0x36, "FAT1"),
            new Mark("a FAT file system", 0x52, "FAT32"),
            new Mark("a squashfs file system", 0, "hsqs", head -> head.getLongLE(40)),
            new Mark("an ISO 9660 file system", 0x8001, "CD001"),
            new Mark("a qcow2 image", 0, "QFI\u00fb"),
            new Mark("a GUID partition table", 512, "EFI PART"),
            new Mark("a GUID partition table", 4096, "EFI PART"));

    /**
     * Looks for marks.
     *
     * @param head the first {@link #HEAD_BYTES}, or all there is
     * @return the first that is found
     */
    public static Optional<Signature> of(ByteBuf head) {
        return MARKS.stream()
                .filter(mark -> mark.isIn(head))
                .findFirst()
                .map(mark -> new Signature(mark.words, mark.end.applyAsLong(head)))
                .or(() -> zfs(head))
                .or(() -> partitions(head));
    }

    private static long extBytes(ByteBuf head) {
        int sizes64 = 0x80;
        boolean wide = (head.getIntLE(0x460) & sizes64) != 0;
        long blocks = head.getUnsignedIntLE(0x404) + (wide ? head.getUnsignedIntLE(0x550) << 32 : 0);
        return blocks << (10 + head.getIntLE(0x418));
    }

    /** Looks for any of a label's uberblocks. */
    private static Optional<Signature> zfs(ByteBuf head) {
        for (int at = HEAD_BYTES / 2; at + 8 <= Math.min(head.capacity(), HEAD_BYTES); at += 1024) {
            long magic = 0x00bab10c;
            if (head.getLongLE(at) == magic || head.getLong(at) == magic) {
                return Optional.of(new Signature("a part of a ZFS pool", WHOLE));
            }
        }
        return Optional.empty();
    }

    /** Looks for a partition table; last, as boot sectors of file systems end in the same way. */
    private static Optional<Signature> partitions(ByteBuf head) {
        if (head.capacity() < BLOCK || head.getUnsignedShortLE(BLOCK - 2) != 0xaa55) {
            return Optional.empty();
        }
        long end = 0;
        for (int at = PARTITIONS_AT; at < BLOCK - 2; at += PARTITION_BYTES) {
            if (head.getByte(at + 4) != 0) {
                long sectors = head.getUnsignedIntLE(at + 8) + head.getUnsignedIntLE(at + 12);
                end = Math.max(end, sectors * BLOCK);
            }
        }
        return end == 0 ? Optional.empty() : Optional.of(new Signature("a partition table", end));
    }

    /** A mark: bytes at a place, one for each character. */
    private record Mark(String words, int at, String magic, ToLongFunction<ByteBuf> end) {

        Mark(String words, int at, String magic) {
            this(words, at, magic, head -> WHOLE);
        }

        boolean isIn(ByteBuf head) {
            if (head.capacity() < at + magic.length()) {
                return false;
            }
            for (int i = 0; i < magic.length(); i++) {
                if (head.getUnsignedByte(at + i) != magic.charAt(i)) {
                    return false;
                }
            }
            return true;
        }
    }
}
