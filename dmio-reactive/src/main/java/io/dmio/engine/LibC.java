package io.dmio.engine;

import static io.dmio.engine.CFunction.INT;
import static io.dmio.engine.CFunction.LONG;

import io.dmio.DeviceException;
import io.dmio.Errno;
import jnr.constants.platform.Fcntl;
import jnr.posix.POSIX;
import jnr.posix.POSIXFactory;

/**
 * The system calls of this package. The calls that every file or disk needs are {@link CFunction}s, and so are those that jnr-posix lacks,
 * or binds without an address or with a short offset ({@code pread}, {@code open}); jnr-posix has the rest. Every method answers like the
 * kernel itself: zero or more, or minus the errno.
 */
final class LibC {

    static final int O_RDWR = 2;
    static final int O_CREAT = 0x40;
    static final int O_EXCL = 0x80;
    static final int O_CLOEXEC = 0x80000;
    static final int O_DIRECT = directFlag(System.getProperty("os.arch", ""));

    static final int FALLOC_FL_KEEP_SIZE = 1;
    static final int FALLOC_FL_PUNCH_HOLE = 2;
    static final int FALLOC_FL_ZERO_RANGE = 0x10;
    static final int O_NOATIME = 0x40000;
    static final int SEEK_END = 2;
    static final int SEEK_DATA = 3;
    static final int SEEK_HOLE = 4;
    static final int RWF_DSYNC = 2;
    static final int LOCK_EX_NB = 2 | 4;
    static final int POSIX_FADV_DONTNEED = 4;

    static final long BLKROGET = 0x125e;
    static final long BLKSSZGET = 0x1268;
    static final long BLKDISCARD = 0x1277;
    static final long BLKPBSZGET = 0x127b;
    static final long BLKZEROOUT = 0x127f;
    static final long BLKGETSIZE64 = 0x80081272L;

    private static final CFunction PREAD = CFunction.ofLong("pread", INT, LONG, LONG, LONG);
    private static final CFunction PWRITE = CFunction.ofLong("pwrite", INT, LONG, LONG, LONG);
    private static final CFunction PREADV2 = CFunction.ofLong("preadv2", INT, LONG, INT, LONG, INT);
    private static final CFunction PWRITEV2 = CFunction.ofLong("pwritev2", INT, LONG, INT, LONG, INT);
    private static final CFunction FALLOCATE = CFunction.ofInt("fallocate", INT, INT, LONG, LONG);
    private static final CFunction POSIX_FADVISE = CFunction.ofInt("posix_fadvise", INT, LONG, LONG, INT);
    private static final CFunction LSEEK = CFunction.ofLong("lseek", INT, LONG, INT);
    private static final CFunction IOCTL = CFunction.variadic("ioctl", 2, INT, LONG, LONG);
    private static final CFunction STATX = CFunction.ofInt("statx", INT, LONG, INT, INT, LONG);
    private static final CFunction FSTATFS = CFunction.ofInt("fstatfs", INT, LONG);
    private static final CFunction FDATASYNC = CFunction.ofInt("fdatasync", INT);
    private static final CFunction OPEN = CFunction.variadic("open", 2, LONG, INT, INT);
    private static final CFunction CLOSE = CFunction.ofInt("close", INT);
    private static final CFunction FLOCK = CFunction.ofInt("flock", INT, INT);
    private static final CFunction FTRUNCATE = CFunction.ofInt("ftruncate", INT, LONG);

    private LibC() {}

    /** Loads jnr-posix only when it is called, as it binds all its functions at once, which takes longer than the rest of a short program. */
    private static final class Posix {
        private static final POSIX SYSTEM = POSIXFactory.getNativePOSIX();
    }

    /** Does nothing, if the calls could be bound; otherwise loading this class fails. */
    static void load() {}

    static long pread(int fd, long address, long bytes, long offset) {
        return PREAD.call(fd, address, bytes, offset);
    }

    static long pwrite(int fd, long address, long bytes, long offset) {
        return PWRITE.call(fd, address, bytes, offset);
    }

    static long preadv(int fd, long vectors, int count, long offset) {
        return PREADV2.call(fd, vectors, count, offset, 0);
    }

    static long pwritev(int fd, long vectors, int count, long offset, int flags) {
        return PWRITEV2.call(fd, vectors, count, offset, flags);
    }

    static long fallocate(int fd, int mode, long offset, long bytes) {
        return FALLOCATE.call(fd, mode, offset, bytes);
    }

    static long fadvise(int fd, long offset, long bytes, int advice) {
        return -POSIX_FADVISE.call(fd, offset, bytes, advice);
    }

    static long lseek(int fd, long offset, int whence) {
        return LSEEK.call(fd, offset, whence);
    }

    static long ioctl(int fd, long request, long argument) {
        return IOCTL.call(fd, request, argument);
    }

    static long statx(int directory, long path, int flags, int mask, long into) {
        return STATX.call(directory, path, flags, mask, into);
    }

    static long fcntl(int fd, Fcntl command, int argument) {
        int answer = Posix.SYSTEM.fcntlInt(fd, command, argument);
        return answer >= 0 ? answer : -CFunction.errno();
    }

    static long fstatfs(int fd, long into) {
        return FSTATFS.call(fd, into);
    }

    static long fdatasync(int fd) {
        return FDATASYNC.call(fd);
    }

    static long open(long path, int flags, int mode) {
        return OPEN.call(path, flags, mode);
    }

    static long close(int fd) {
        return CLOSE.call(fd);
    }

    static long flock(int fd, int operation) {
        return FLOCK.call(fd, operation);
    }

    static long ftruncate(int fd, long bytes) {
        return FTRUNCATE.call(fd, bytes);
    }

    /** Returns a failure outside operations, in the errno's own words. */
    static DeviceException failure(String name, String what, int errno) {
        return DeviceException.of(errno, name, what + ": " + Errno.meaning(errno));
    }

    /** Returns the value of O_DIRECT, one of the few flags that differ by architecture; on arm64, 0x4000 is O_DIRECTORY. */
    static int directFlag(String architecture) {
        return switch (architecture) {
            case "aarch64", "arm" -> 0x10000;
            case "ppc64le", "ppc64" -> 0x20000;
            default -> 0x4000;
        };
    }
}
