package io.dmio.engine;

import io.dmio.DeviceException;
import io.dmio.Errno;
import io.dmio.PagePool;
import io.netty.buffer.ByteBuf;
import java.nio.ByteOrder;
import java.nio.file.Path;

/**
 * What {@code statx(2)} says about a path or an open file.
 *
 * <pre>
 * struct statx (256 bytes): blksize:4 @4 | mode:2 @28 | size:8 @40 | rdev_major:4 @128 | rdev_minor:4 @132
 *                           | dev_major:4 @136 | dev_minor:4 @140 | dio_mem_align:4 @152 | dio_offset_align:4 @156
 * </pre>
 *
 * @param mode type and permission bits
 * @param size bytes; 0 for a block device
 * @param blockBytes the file system's preferred I/O size
 * @param rdev {@code major:minor} of a device node, as sysfs names it
 * @param dev {@code major:minor} of the file system that it is on
 * @param directMemoryBytes alignment of memory for direct I/O; 0 if the kernel does not say
 * @param directOffsetBytes alignment of offsets and lengths for direct I/O; 0 if the kernel does not say
 */
record FileStatus(
        int mode, long size, int blockBytes, String rdev, String dev, int directMemoryBytes, int directOffsetBytes) {

    private static final int STRUCT_BYTES = 256;
    private static final int AT_FDCWD = -100;
    private static final int AT_EMPTY_PATH = 0x1000;
    private static final int BASIC_STATS_AND_DIOALIGN = 0x7ff | 0x2000;

    private static final int S_IFMT = 0xf000;
    private static final int S_IFREG = 0x8000;
    private static final int S_IFBLK = 0x6000;
    private static final int S_IFDIR = 0x4000;
    private static final int S_IFCHR = 0x2000;
    private static final int S_IFIFO = 0x1000;

    /** Asks about a path, following links; throws the errno. */
    static FileStatus ofPath(Path path) {
        ByteBuf bytes = PathBytes.of(path);
        try {
            return ask(AT_FDCWD, bytes, 0, path.toString());
        } finally {
            bytes.release();
        }
    }

    /** Asks about an open file; throws the errno. */
    static FileStatus ofOpen(int fd, String name) {
        ByteBuf none = PagePool.shared().allocate(1).setZero(0, 1);
        try {
            return ask(fd, none, AT_EMPTY_PATH, name);
        } finally {
            none.release();
        }
    }

    boolean isBlockDevice() {
        return (mode & S_IFMT) == S_IFBLK;
    }

    /** Returns what holds the bytes, and may hang: the disk, or the file system of a file. */
    String storage() {
        return isBlockDevice() ? rdev : dev;
    }

    /** Throws for everything that is not a regular file or a block device, naming what it is. */
    void requireSectors(String name) {
        requireSectors(mode, name);
    }

    /** The same for a mode that was obtained in another way. */
    static void requireSectors(int mode, String name) {
        switch (mode & S_IFMT) {
            case S_IFREG, S_IFBLK -> {}
            case S_IFDIR ->
                throw DeviceException.of(Errno.EISDIR, name, "is a directory; name a file or a block device");
            case S_IFCHR -> throw notSectors(name, "a character device");
            case S_IFIFO -> throw notSectors(name, "a FIFO");
            default -> throw notSectors(name, "neither a regular file nor a block device");
        }
    }

    private static DeviceException notSectors(String name, String what) {
        return DeviceException.of(Errno.EINVAL, name, "is " + what + "; only files and block devices have sectors");
    }

    private static FileStatus ask(int directory, ByteBuf path, int flags, String name) {
        ByteBuf raw = PagePool.shared().allocate(STRUCT_BYTES);
        try {
            raw.setZero(0, STRUCT_BYTES);
            long answer = LibC.statx(directory, Addresses.of(path), flags, BASIC_STATS_AND_DIOALIGN, Addresses.of(raw));
            if (answer < 0) {
                throw LibC.failure(name, "cannot be looked at", (int) -answer);
            }
            return new FileStatus(
                    int32(raw, 28) & 0xffff,
                    int64(raw, 40),
                    int32(raw, 4),
                    int32(raw, 128) + ":" + int32(raw, 132),
                    int32(raw, 136) + ":" + int32(raw, 140),
                    int32(raw, 152),
                    int32(raw, 156));
        } finally {
            raw.release();
        }
    }

    private static int int32(ByteBuf raw, int at) {
        return LITTLE ? raw.getIntLE(at) : raw.getInt(at);
    }

    private static long int64(ByteBuf raw, int at) {
        return LITTLE ? raw.getLongLE(at) : raw.getLong(at);
    }

    private static final boolean LITTLE = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;
}
