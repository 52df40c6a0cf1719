package io.dmio.engine;

import io.dmio.DeviceException;
import io.dmio.DeviceInfo;
import io.dmio.Errno;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.LockSupport;

/** Opens, creates and locks one path. Blocks; throws a {@link DeviceException} and leaves nothing behind. */
final class FileOpener implements Opener {

    /** The detail for a second writer that is refused: why, and what it can do. */
    static final String LOCKED =
            "is open for writing elsewhere, in this process or another; close it there, or share it";

    private static final int EWOULDBLOCK = 11;

    /** The number of attempts to lock a disk: udev holds the lock of a changed disk for some milliseconds, and is not another user. */
    private static final int DISK_LOCK_ATTEMPTS = 20;

    private static final long DISK_LOCK_PAUSE_NANOS = 5_000_000;

    private final Path path;
    private final String name;
    private final OpenOptions options;

    /** Refuses a path that is not the kernel's; see {@link PathBytes#require}. */
    FileOpener(Path path, OpenOptions options) {
        PathBytes.require(path);
        this.path = path;
        this.name = path.toString();
        this.options = options;
    }

    /**
     * Looks at what will be opened, or at the directory where it will be made, and refuses what has no sectors. Done before opening, as
     * opening a FIFO waits for its other end, and opening a tape rewinds it.
     */
    FileStatus look() {
        if (options.creates() && !(options.mayExist() && Files.exists(path))) {
            return lookAround();
        }
        FileStatus status = FileStatus.ofPath(path);
        status.requireSectors(name);
        return status;
    }

    /**
     * Opens the file.
     *
     * @param looked what {@link #look} saw
     * @param engine for {@link DeviceInfo#engine()}
     * @param closer where the file will be closed
     */
    OpenFile open(FileStatus looked, String engine, Executor closer) {
        boolean disk = looked.isBlockDevice();
        int fd = descriptor(disk);
        boolean opened = false;
        try {
            if (options.writes() && !options.shared()) {
                lock(fd, disk);
            }
            if (options.creates() && !disk && isNew(fd)) {
                size(fd);
            }
            FileProbe probe = new FileProbe(fd, name, options);
            DeviceInfo info = probe.info(engine);
            FileQuirks quirks = new FileQuirks(
                    probe.isBlockDevice(),
                    probe.isInMemory(),
                    options.direct() ? info.logicalBlockBytes() : 1,
                    !options.direct() && probe.mayBeWrittenElsewhere());
            OpenFile file = new DescriptorFile(fd, info, quirks, closer);
            opened = true;
            return file;
        } finally {
            if (!opened) {
                undo(fd);
            }
        }
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String mount() {
        return Mounts.now().of(path);
    }

    @Override
    public Looked looked() {
        FileStatus status = look();
        return new Looked(status.storage(), (engine, blocking) -> open(status, engine, blocking));
    }

    private FileStatus lookAround() {
        if (Files.exists(path)) {
            throw DeviceException.of(
                    Errno.EEXIST, name, "exists already; open it without creating, or remove it first");
        }
        try {
            Path parent = path.toAbsolutePath().getParent();
            return FileStatus.ofPath(parent == null ? path : parent);
        } catch (DeviceException nowhere) {
            throw LibC.failure(name, "cannot be made", nowhere.number());
        }
    }

    private int descriptor(boolean disk) {
        int flags = LibC.O_CLOEXEC | (options.writes() ? LibC.O_RDWR : 0) | (options.direct() ? LibC.O_DIRECT : 0);
        if (options.creates() && !disk) {
            flags |= LibC.O_CREAT | (options.mayExist() ? 0 : LibC.O_EXCL);
        } else if (disk && options.writes() && !options.shared()) {
            flags |= LibC.O_EXCL; // on a disk, and without O_CREAT: refuse if mounted or claimed
        }
        long fd = opened(flags);
        if (fd >= 0) {
            return (int) fd;
        }
        int errno = (int) -fd;
        if (errno == Errno.EINVAL.number() && options.direct()) {
            throw DeviceException.of(Errno.EINVAL, name, "its file system has no direct I/O; open it buffered");
        }
        if (errno == Errno.EBUSY.number()) {
            throw DeviceException.of(
                    Errno.EBUSY, name, "is mounted or claimed by somebody else; unmount it, or share it");
        }
        throw LibC.failure(name, "cannot be opened for " + (options.writes() ? "writing" : "reading"), errno);
    }

    private long opened(int flags) {
        ByteBuf bytes = PathBytes.of(path);
        try {
            return LibC.open(Addresses.of(bytes), flags, options.mode());
        } finally {
            bytes.release();
        }
    }

    private void lock(int fd, boolean disk) {
        int attempts = disk ? DISK_LOCK_ATTEMPTS : 1;
        long answer = LibC.flock(fd, LibC.LOCK_EX_NB);
        while (answer == -EWOULDBLOCK && --attempts > 0) {
            LockSupport.parkNanos(DISK_LOCK_PAUSE_NANOS);
            answer = LibC.flock(fd, LibC.LOCK_EX_NB);
        }
        if (answer == -EWOULDBLOCK) {
            throw DeviceException.of(Errno.EBUSY, name, LOCKED);
        }
        if (answer < 0) {
            throw LibC.failure(name, "cannot be locked; share it to go without a lock", (int) -answer);
        }
    }

    // Told by the size, read under the lock: of two that create it at the same time, only one finds it new.
    private boolean isNew(int fd) {
        return !options.mayExist() || FileStatus.ofOpen(fd, name).size() == 0;
    }

    private void size(int fd) {
        long bytes = options.createBytes();
        long answer = options.preallocate() && bytes > 0 ? LibC.fallocate(fd, 0, 0, bytes) : LibC.ftruncate(fd, bytes);
        if (answer < 0) {
            throw LibC.failure(name, "cannot be made " + bytes + " bytes long", (int) -answer);
        }
    }

    private void undo(int fd) {
        LibC.close(fd);
        if (options.creates() && !options.mayExist()) { // otherwise it may belong to somebody who came first
            try {
                Files.deleteIfExists(path);
            } catch (IOException left) {
                // The failure that led here is told; an empty file is left.
            }
        }
    }
}
