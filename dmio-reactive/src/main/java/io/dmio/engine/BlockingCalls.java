package io.dmio.engine;

/** Makes the call that a {@link SyscallSequence} states, on this thread, through the C library. */
final class BlockingCalls {

    private BlockingCalls() {}

    /** Blocks; answers zero or more, or minus the errno. */
    static long make(int fd, SyscallSequence calls) {
        return switch (calls.call()) {
            case READ -> LibC.pread(fd, calls.address(), calls.length(), calls.offset());
            case READV -> LibC.preadv(fd, calls.address(), calls.count(), calls.offset());
            case WRITE -> LibC.pwrite(fd, calls.address(), calls.length(), calls.offset());
            case WRITEV -> LibC.pwritev(fd, calls.address(), calls.count(), calls.offset(), calls.flags());
            case SYNC -> LibC.fdatasync(fd);
            case ALLOCATE -> LibC.fallocate(fd, calls.flags(), calls.offset(), calls.length());
            case CONTROL -> LibC.ioctl(fd, calls.flags(), calls.address());
        };
    }
}
