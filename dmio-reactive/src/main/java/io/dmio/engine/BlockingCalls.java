package io.dmio.engine;

/** Makes the call that a {@link Work} states, on this thread, through the C library. */
final class BlockingCalls {

    private BlockingCalls() {}

    /** Blocks; answers zero or more, or minus the errno. */
    static long make(int fd, Work work) {
        return switch (work.call()) {
            case READ -> LibC.pread(fd, work.address(), work.length(), work.offset());
            case READV -> LibC.preadv(fd, work.address(), work.count(), work.offset());
            case WRITE -> LibC.pwrite(fd, work.address(), work.length(), work.offset());
            case WRITEV -> LibC.pwritev(fd, work.address(), work.count(), work.offset(), work.flags());
            case SYNC -> LibC.fdatasync(fd);
            case ALLOCATE -> LibC.fallocate(fd, work.flags(), work.offset(), work.length());
            case CONTROL -> LibC.ioctl(fd, work.flags(), work.address());
        };
    }
}
