package io.dmio.engine;

import io.dmio.DeviceException;
import io.dmio.Errno;
import jnr.constants.platform.Fcntl;
import jnr.ffi.LastError;
import jnr.ffi.LibraryLoader;
import jnr.ffi.Runtime;
import jnr.ffi.annotations.Variadic;
import jnr.posix.POSIX;
import jnr.posix.POSIXFactory;

/**
 * The system calls of this package. The calls that every file or disk needs have a binding of our own, and so do those that jnr-posix lacks,
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

    private static final Calls CALLS =
            LibraryLoader.create(Calls.class).failImmediately().load("c");
    private static final Runtime RUNTIME = Runtime.getRuntime(CALLS);

    private LibC() {}

    /** Loads jnr-posix only when it is called, as it binds all its functions at once, which takes longer than the rest of a short program. */
    private static final class Posix {
        private static final POSIX SYSTEM = POSIXFactory.getNativePOSIX();
    }

    /** Does nothing, if the calls could be bound; otherwise loading this class fails. */
    static void load() {}

    /**
     * The C library's functions. All-primitive, so that jnr-ffi makes a direct stub. Public for the JVM alone: the stub is
     * made in another class loader; the enclosing class keeps it inside the package.
     */
    public interface Calls {
        /** See pread(2). */
        long pread(int fd, long address, long bytes, long offset);

        /** See pwrite(2). */
        long pwrite(int fd, long address, long bytes, long offset);

        /** See preadv2(2). */
        long preadv2(int fd, long vectors, int count, long offset, int flags);

        /** See pwritev2(2). */
        long pwritev2(int fd, long vectors, int count, long offset, int flags);

        /** See fallocate(2). */
        int fallocate(int fd, int mode, long offset, long bytes);

        /** See posix_fadvise(3), which gives the errno itself. */
        int posix_fadvise(int fd, long offset, long bytes, int advice);

        /** See close(2). */
        int close(int fd);

        /** See fdatasync(2). */
        int fdatasync(int fd);

        /** See flock(2). */
        int flock(int fd, int operation);

        /** See lseek(2). */
        long lseek(int fd, long offset, int whence);

        /** See ioctl(2). */
        @Variadic(fixedCount = 2)
        int ioctl(int fd, long request, long argument);

        /** See ftruncate(2). */
        int ftruncate(int fd, long bytes);

        /** See fstatfs(2). */
        int fstatfs(int fd, long into);

        /** See open(2). */
        @Variadic(fixedCount = 2)
        int open(long path, int flags, int mode);

        /** See statx(2). */
        int statx(int directory, long path, int flags, int mask, long into);
    }

    static long pread(int fd, long address, long bytes, long offset) {
        return answer(CALLS.pread(fd, address, bytes, offset));
    }

    static long pwrite(int fd, long address, long bytes, long offset) {
        return answer(CALLS.pwrite(fd, address, bytes, offset));
    }

    static long preadv(int fd, long vectors, int count, long offset) {
        return answer(CALLS.preadv2(fd, vectors, count, offset, 0));
    }

    static long pwritev(int fd, long vectors, int count, long offset, int flags) {
        return answer(CALLS.pwritev2(fd, vectors, count, offset, flags));
    }

    static long fallocate(int fd, int mode, long offset, long bytes) {
        return answer(CALLS.fallocate(fd, mode, offset, bytes));
    }

    static long fadvise(int fd, long offset, long bytes, int advice) {
        return -CALLS.posix_fadvise(fd, offset, bytes, advice);
    }

    static long lseek(int fd, long offset, int whence) {
        return answer(CALLS.lseek(fd, offset, whence));
    }

    static long ioctl(int fd, long request, long argument) {
        return answer(CALLS.ioctl(fd, request, argument));
    }

    static long statx(int directory, long path, int flags, int mask, long into) {
        return answer(CALLS.statx(directory, path, flags, mask, into));
    }

    static long fcntl(int fd, Fcntl command, int argument) {
        return answer(Posix.SYSTEM.fcntlInt(fd, command, argument));
    }

    static long fstatfs(int fd, long into) {
        return answer(CALLS.fstatfs(fd, into));
    }

    static long fdatasync(int fd) {
        return answer(CALLS.fdatasync(fd));
    }

    static long open(long path, int flags, int mode) {
        return answer(CALLS.open(path, flags, mode));
    }

    static long close(int fd) {
        return answer(CALLS.close(fd));
    }

    static long flock(int fd, int operation) {
        return answer(CALLS.flock(fd, operation));
    }

    static long ftruncate(int fd, long bytes) {
        return answer(CALLS.ftruncate(fd, bytes));
    }

    /** Returns a failure outside operations, in the errno's own words. */
    static DeviceException failure(String name, String what, int errno) {
        return DeviceException.of(errno, name, what + ": " + Errno.meaning(errno));
    }

    // Read at once: errno belongs to the thread, and the next call overwrites it.
    private static long answer(long result) {
        return result >= 0 ? result : -LastError.getLastError(RUNTIME);
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
