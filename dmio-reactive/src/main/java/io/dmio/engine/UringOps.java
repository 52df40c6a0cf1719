package io.dmio.engine;

import io.netty.channel.uring.IoUringIoOps;

/**
 * Writes the call that a {@link SyscallSequence} states as a {@code struct io_uring_sqe}. Netty keeps its opcode table to itself, so the
 * few numbers needed are repeated here (linux/io_uring.h).
 *
 * <pre>
 * IoUringIoOps:  union1   union2        len         union3
 * READ, WRITE    offset   address       bytes       RWF_*
 * READV, WRITEV  offset   iovec[]       count       RWF_*
 * FSYNC          0        0             0           1 = datasync
 * FALLOCATE      offset   byte count    mode        0
 * ASYNC_CANCEL   0        user data     0           0
 * </pre>
 */
final class UringOps {

    private static final byte READV = 1;
    private static final byte WRITEV = 2;
    private static final byte FSYNC = 3;
    private static final byte ASYNC_CANCEL = 14;
    private static final byte FALLOCATE = 17;
    private static final byte READ = 22;
    private static final byte WRITE = 23;

    private static final int DATASYNC = 1;

    private static final byte NONE = 0;

    /** IOSQE_ASYNC: done by a thread of the kernel's own. */
    private static final byte ASYNC = 1 << 4;

    private UringOps() {}

    /**
     * Returns the submission entry.
     *
     * @param slot the number that comes back with the completion; 16 bits keep Netty on its cheap path
     */
    static IoUringIoOps of(SyscallSequence calls, int fd, short slot) {
        return switch (calls.call()) {
            case READ -> read(READ, calls, fd, slot, (int) calls.length());
            case READV -> read(READV, calls, fd, slot, calls.count());
            case WRITE -> ops(WRITE, NONE, fd, slot, calls.offset(), calls.address(), (int) calls.length(), 0);
            case WRITEV -> ops(WRITEV, NONE, fd, slot, calls.offset(), calls.address(), calls.count(), calls.flags());
            case SYNC -> ops(FSYNC, NONE, fd, slot, 0, 0, 0, DATASYNC);
            case ALLOCATE -> ops(FALLOCATE, NONE, fd, slot, calls.offset(), calls.length(), calls.flags(), 0);
            case CONTROL -> throw new IllegalStateException("an ioctl blocks; it does not go to the ring");
        };
    }

    /** Returns the entry that takes back an operation that the kernel has not begun; one that it has begun goes on unchanged. */
    static IoUringIoOps cancelling(long id, short slot) {
        return ops(ASYNC_CANCEL, NONE, -1, slot, 0, id, 0, 0);
    }

    /** Returns whether a completion only tells the outcome of {@link #cancelling}. */
    static boolean isCancelling(byte opcode) {
        return opcode == ASYNC_CANCEL;
    }

    // Asynchronous for a long copy: else the kernel makes it on
    // the loop's thread, and everything else on the ring waits.
    private static IoUringIoOps read(byte opcode, SyscallSequence calls, int fd, short slot, int length) {
        byte flags = calls.isLongCopy() ? ASYNC : NONE;
        return ops(opcode, flags, fd, slot, calls.offset(), calls.address(), length, 0);
    }

    private static IoUringIoOps ops(
            byte opcode, byte flags, int fd, short slot, long union1, long union2, int length, int union3) {
        return new IoUringIoOps(
                opcode, flags, (short) 0, fd, union1, union2, length, union3, (long) slot, (short) 0, (short) 0, 0, 0L);
    }
}
