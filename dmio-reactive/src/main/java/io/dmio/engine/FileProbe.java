package io.dmio.engine;

import io.dmio.Capability;
import io.dmio.DeviceException;
import io.dmio.DeviceInfo;
import io.dmio.Errno;
import io.dmio.PagePool;
import io.dmio.Sectors;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import jnr.constants.platform.Fcntl;

/**
 * Finds out what an open file or disk promises, without a trace: neither its bytes nor its times change. Blocks; throws a
 * {@link DeviceException}.
 */
final class FileProbe {

    /** The largest transfer, which the kernel splits for the hardware; larger ones gain nothing and hold memory longer. */
    static final int TRANSFER_BYTES_MAX = 1 << 20;

    /** The alignment of direct I/O if neither the kernel nor a trial read tells a better one. */
    private static final int DIRECT_BYTES = 4096;

    /** The size of {@code struct statfs} on 64-bit machines: type:8, and fields that do not matter here. */
    private static final int STATFS_BYTES = 120;

    private static final boolean LITTLE = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;

    private final int fd;
    private final String name;
    private final OpenOptions options;
    private final FileStatus status;
    private final FileSystemKind fileSystem;

    FileProbe(int fd, String name, OpenOptions options) {
        this.fd = fd;
        this.name = name;
        this.options = options;
        this.status = FileStatus.ofOpen(fd, name);
        status.requireSectors(name);
        // A disk's bytes are not on the file system of its node.
        this.fileSystem = status.isBlockDevice() ? FileSystemKind.OTHER : fileSystem();
    }

    boolean isBlockDevice() {
        return status.isBlockDevice();
    }

    /** Returns whether the file system keeps the file in memory only, so that I/O is a copy and waits for nothing. */
    boolean isInMemory() {
        return fileSystem.isInMemory();
    }

    /** Returns whether others may write its content through another machine, or another node of the same disk. */
    boolean mayBeWrittenElsewhere() {
        return !fileSystem.isOfThisMachine();
    }

    DeviceInfo info(String engine) {
        boolean disk = status.isBlockDevice();
        long bytes = disk ? askLong(LibC.BLKGETSIZE64) : status.size();
        int logical = disk ? askInt(LibC.BLKSSZGET) : fileBlock();
        int physical = disk ? askInt(LibC.BLKPBSZGET) : status.blockBytes();
        boolean sensible = physical >= logical && Integer.bitCount(physical) == 1;
        long whole = wholeBlocks(bytes, logical, name, options);
        // Each vector, not just their sum, must be whole blocks for direct I/O on kernels before 6.18.
        int memory = options.direct() ? Math.max(status.directMemoryBytes(), logical) : 1;
        return DeviceInfo.of(name, Sectors.ofBytes(whole), engine)
                .withBlocks(logical, sensible ? physical : logical)
                .withMemoryAlignmentBytes(memory)
                .withTransferBytesMax(Math.max(TRANSFER_BYTES_MAX, logical))
                .withCapabilities(capabilities());
    }

    /** Returns how much of a size can be used; refuses a remainder unless it may be left out. */
    static long wholeBlocks(long bytes, int block, String name, OpenOptions options) {
        long odd = bytes % block;
        if (odd == 0 || options.truncateTail()) {
            return bytes - odd;
        }
        throw DeviceException.of(
                Errno.EINVAL,
                name,
                "its size of " + bytes + " bytes is not whole blocks of " + block + ": " + odd
                        + " bytes are left over; resize it, or open it read-only with its tail truncated");
    }

    private int fileBlock() {
        if (!options.direct()) {
            return Sectors.BYTES;
        }
        int stated = status.directOffsetBytes();
        if (Integer.bitCount(stated) == 1) {
            return Math.max(stated, Sectors.BYTES);
        }
        return takesOneSector() ? Sectors.BYTES : DIRECT_BYTES;
    }

    // The memory starts at an odd sector, too, so that a file system that checks only addresses is found out.
    private boolean takesOneSector() {
        ByteBuf memory = PagePool.shared().allocate(2 * Sectors.BYTES);
        int flags = (int) LibC.fcntl(fd, Fcntl.F_GETFL, 0);
        // Only the owner may leave the time of access as it is; for others it is a read like any other.
        boolean quiet = flags >= 0 && LibC.fcntl(fd, Fcntl.F_SETFL, flags | LibC.O_NOATIME) >= 0;
        try {
            return LibC.pread(fd, Addresses.of(memory) + Sectors.BYTES, Sectors.BYTES, Sectors.BYTES) >= 0;
        } finally {
            memory.release();
            if (quiet) {
                LibC.fcntl(fd, Fcntl.F_SETFL, flags);
            }
        }
    }

    private EnumSet<Capability> capabilities() {
        if (!options.writes() || (status.isBlockDevice() && askInt(LibC.BLKROGET) != 0)) {
            return EnumSet.of(Capability.READ_ONLY, Capability.FLUSH);
        }
        EnumSet<Capability> all = EnumSet.of(Capability.FLUSH, Capability.FUA, Capability.WRITE_ZEROES);
        if (status.isBlockDevice() ? diskDiscards() : fileSystem.punchesHoles()) {
            all.add(Capability.DISCARD);
            if (!status.isBlockDevice()) {
                all.add(Capability.DISCARD_ZEROES); // a hole; what a disk reads as after a discard is up to the disk
            }
        }
        return all;
    }

    private FileSystemKind fileSystem() {
        ByteBuf into = PagePool.shared().allocate(STATFS_BYTES);
        try {
            return LibC.fstatfs(fd, Addresses.of(into)) < 0
                    ? FileSystemKind.OTHER
                    : FileSystemKind.of(nativeLong(into));
        } finally {
            into.release();
        }
    }

    private boolean diskDiscards() {
        Path device = Path.of("/sys/dev/block", status.rdev());
        // A partition has no queue of its own, but that of its disk, one level up.
        return discardBytesMax(device.resolve("queue/discard_max_bytes")) > 0
                || discardBytesMax(device.resolve("../queue/discard_max_bytes")) > 0;
    }

    private static long discardBytesMax(Path file) {
        try {
            return Long.parseLong(Files.readString(file).trim());
        } catch (IOException | NumberFormatException absent) {
            return 0;
        }
    }

    private int askInt(long request) {
        return (int) ask(request, Integer.BYTES);
    }

    private long askLong(long request) {
        return ask(request, Long.BYTES);
    }

    private long ask(long request, int bytes) {
        ByteBuf into = PagePool.shared().allocate(Long.BYTES);
        try {
            into.setZero(0, Long.BYTES);
            long answer = LibC.ioctl(fd, request, Addresses.of(into));
            if (answer < 0) {
                throw LibC.failure(name, "does not say its sizes", (int) -answer);
            }
            return bytes == Integer.BYTES ? nativeInt(into) : nativeLong(into);
        } finally {
            into.release();
        }
    }

    private static int nativeInt(ByteBuf from) {
        return LITTLE ? from.getIntLE(0) : from.getInt(0);
    }

    private static long nativeLong(ByteBuf from) {
        return LITTLE ? from.getLongLE(0) : from.getLong(0);
    }
}
