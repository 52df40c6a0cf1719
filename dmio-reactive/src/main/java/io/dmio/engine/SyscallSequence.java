package io.dmio.engine;

import static io.dmio.engine.LibC.FALLOC_FL_KEEP_SIZE;
import static io.dmio.engine.LibC.FALLOC_FL_PUNCH_HOLE;
import static io.dmio.engine.LibC.FALLOC_FL_ZERO_RANGE;

import io.dmio.BlockOp;
import io.dmio.Errno;
import io.dmio.PagePool;
import io.dmio.Sectors;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * One operation as the system calls it takes: states the next call, is told the kernel's answer, and says how to go on. Does
 * no I/O and knows no engine, so each short, refused or interrupted answer can be tested. Used by one thread at a time.
 */
final class SyscallSequence {

    /** A system call, in the numbers of {@link SyscallSequence}: {@code offset, address, length, count, flags}. */
    enum Call {
        /** pread: {@code length} bytes at {@code offset} into {@code address}. */
        READ,
        /** preadv2: {@code count} vectors at {@code address}. */
        READV,
        /** pwrite. */
        WRITE,
        /** pwritev2, with {@code flags} RWF_*. */
        WRITEV,
        /** fdatasync. */
        SYNC,
        /** fallocate of {@code length} bytes at {@code offset}, with {@code flags} as its mode. */
        ALLOCATE,
        /** ioctl {@code flags} with {@code address} as its argument; blocks. */
        CONTROL
    }

    /** How to go on after an answer. */
    enum Next {
        /** Make the call that is stated now. */
        CALL,
        /** Make that call after a pause: the kernel lacks a resource for the moment. */
        CALL_LATER,
        /** Done. */
        DONE,
        /** Failed; see {@link #errno()} and {@link #detail()}. */
        FAILED
    }

    /** How often in a row a call may be interrupted or stop inside a block; more often without a byte of progress is a failure. */
    static final int ATTEMPTS_MAX = 1000;

    /** How often a resource may be lacking: with the engines' pauses of a millisecond, for about a tenth of a second. */
    static final int PAUSES_MAX = 100;

    /** The length from which a read through the page cache copies longer than it takes to hand the read to another thread. */
    static final int LONG_COPY_BYTES = 256 << 10;

    private static final int EINTR = 4;
    private static final int EAGAIN = 11;
    private static final int ENOSYS = 38;
    private static final int EOPNOTSUPP = 95;

    private final BlockOp op;
    private final FileQuirks quirks;
    private final @Nullable IoVectors vectors; // if the memory is not contiguous, or the call has no other form
    private @Nullable ByteBuf range;

    private Call call = Call.SYNC;
    private long offset;
    private long address; // of the contiguous memory
    private long remaining;
    private int flags;
    private boolean syncAfter;

    private int attempts;
    private int pauses;
    private int errno;
    private String detail = "";

    /**
     * States the first call.
     *
     * @param op inside the device and aligned
     * @param memory the bytes of a read or write, aligned for the device; kept alive by the caller. Null for other operations
     * @param quirks the file's quirks
     */
    SyscallSequence(BlockOp op, @Nullable ByteBuf memory, FileQuirks quirks) {
        this.op = op;
        this.quirks = quirks;
        this.offset = Sectors.toBytes(op.sector());
        this.remaining = Sectors.toBytes(op.sectorCount());
        boolean fua = op instanceof BlockOp.Write write && write.fua();
        IoVectors runs = memory == null || (memory.hasMemoryAddress() && !fua) ? null : IoVectors.of(memory, remaining);
        if (runs != null && runs.callCount() == 1 && !fua) {
            this.address = runs.firstAddress();
            runs.release();
            runs = null;
        } else if (runs == null && memory != null) {
            this.address = memory.memoryAddress();
        }
        this.vectors = runs;
        if (fua) {
            syncAfter = quirks.refusesDsync();
            flags = syncAfter ? 0 : LibC.RWF_DSYNC;
        }
        first();
    }

    private void first() {
        switch (op.kind()) {
            case READ, WRITE -> transfer();
            case FLUSH -> call = Call.SYNC;
            case DISCARD -> change(FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, LibC.BLKDISCARD);
            case WRITE_ZEROES -> {
                if (quirks.refusesZeroRange()) {
                    call = Call.WRITE;
                } else {
                    change(FALLOC_FL_ZERO_RANGE | FALLOC_FL_KEEP_SIZE, LibC.BLKZEROOUT);
                }
            }
        }
    }

    private void transfer() {
        if (op.kind() == BlockOp.Kind.READ) {
            call = vectors == null ? Call.READ : Call.READV;
        } else {
            call = vectors == null ? Call.WRITE : Call.WRITEV;
        }
    }

    private void change(int mode, long request) {
        if (!quirks.blockDevice) {
            call = Call.ALLOCATE;
            flags = mode;
            return;
        }
        call = Call.CONTROL;
        flags = (int) request;
        range = RangeArgument.of(offset, remaining);
    }

    Call call() {
        return call;
    }

    /** Returns the file offset of the next call, in bytes. */
    long offset() {
        return offset;
    }

    /** Returns the native address of the bytes, of the vectors, or of an ioctl's argument. */
    long address() {
        if (call == Call.CONTROL) {
            return range == null ? 0 : Addresses.of(range);
        }
        if (op.kind() == BlockOp.Kind.WRITE_ZEROES) {
            return Addresses.of(PagePool.zeroes());
        }
        return vectors == null ? address : vectors.address();
    }

    /** Returns the length of the next call in bytes; a write of zeroes is cut into pieces of the length of the zeroes in memory. */
    long length() {
        boolean zeroes = op.kind() == BlockOp.Kind.WRITE_ZEROES && call == Call.WRITE;
        return zeroes ? Math.min(remaining, PagePool.ZERO_BYTES) : remaining;
    }

    /** Returns whether the next call keeps a processor busy for long if all it reads is in the page cache. */
    boolean isLongCopy() {
        return op.kind() == BlockOp.Kind.READ && quirks.alignBytes == 1 && remaining >= LONG_COPY_BYTES;
    }

    /** Returns the number of vectors of the next call. */
    int count() {
        return vectors == null ? 1 : vectors.callCount();
    }

    /** Returns the RWF_* flags of a write, the mode of fallocate, or the request of an ioctl. */
    int flags() {
        return flags;
    }

    /**
     * Accepts the kernel's answer to the stated call.
     *
     * @param answer zero or more, or minus the errno
     * @return how to go on
     */
    Next answered(long answer) {
        if (answer < 0) {
            return refused((int) -answer);
        }
        return switch (call) {
            case READ, READV, WRITE, WRITEV -> transferred(answer);
            case SYNC, ALLOCATE, CONTROL -> Next.DONE;
        };
    }

    private Next transferred(long bytes) {
        if (bytes == 0) {
            return fail(Errno.EIO.number(), nothingTransferred());
        }
        // With 4,096-byte blocks, if 4,608 of 8,192 bytes came: the
        // next call must start on a block, so 512 bytes are repeated.
        long whole = bytes == remaining ? bytes : bytes - bytes % quirks.alignBytes;
        if (whole == 0) {
            return ++attempts <= ATTEMPTS_MAX ? Next.CALL : fail(Errno.EIO.number(), nothingTransferred());
        }
        attempts = 0;
        pauses = 0;
        offset += whole;
        remaining -= whole;
        if (vectors != null) {
            vectors.advance(whole);
        } else {
            address += whole;
        }
        if (remaining > 0) {
            return Next.CALL;
        }
        if (syncAfter) {
            call = Call.SYNC;
            return Next.CALL;
        }
        return Next.DONE;
    }

    private String nothingTransferred() {
        return op.kind() == BlockOp.Kind.READ
                ? "end of file inside the range, at byte " + offset + ": the file was truncated while open"
                : "the device took no byte at " + offset;
    }

    private Next refused(int number) {
        if (number == EINTR && ++attempts <= ATTEMPTS_MAX) {
            return Next.CALL;
        }
        if (number == EAGAIN && ++pauses <= PAUSES_MAX) {
            return Next.CALL_LATER;
        }
        if (number == EOPNOTSUPP || number == ENOSYS) {
            return unsupported(number);
        }
        return fail(
                number, number == Errno.EINVAL.number() && quirks.alignBytes > 1 ? alignment() : Errno.meaning(number));
    }

    private Next unsupported(int number) {
        if (call == Call.WRITEV && flags == LibC.RWF_DSYNC) {
            quirks.refuseDsync();
            flags = 0;
            syncAfter = true;
            return Next.CALL;
        }
        if (op.kind() == BlockOp.Kind.WRITE_ZEROES && call != Call.WRITE) {
            quirks.refuseZeroRange();
            call = Call.WRITE;
            flags = 0;
            return Next.CALL;
        }
        return fail(number, "the file system or device cannot do this");
    }

    private String alignment() {
        return "the kernel refused the alignment: direct I/O here takes offsets and lengths in multiples of "
                + quirks.alignBytes + " bytes at most; open it buffered, or use larger blocks";
    }

    private Next fail(int number, String why) {
        errno = number;
        detail = why;
        return Next.FAILED;
    }

    /** Returns the errno after {@link Next#FAILED}. */
    int errno() {
        return errno;
    }

    /** Returns why it failed, and what to do. */
    String detail() {
        return detail;
    }

    /** Frees what the calls needed, but not the operation's memory; may be called again. */
    void release() {
        if (vectors != null) {
            vectors.release();
        }
        if (range != null) {
            range.release();
            range = null;
        }
    }
}
