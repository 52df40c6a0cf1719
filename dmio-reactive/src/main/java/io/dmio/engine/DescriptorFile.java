package io.dmio.engine;

import io.dmio.BlockOp;
import io.dmio.DeviceInfo;
import io.dmio.Extent;
import io.dmio.Sectors;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import reactor.core.CoreSubscriber;

/** An open file by its descriptor, of which system calls are made. */
final class DescriptorFile extends OpenFile {

    private static final long RING_AVOIDED_NANOS = TimeUnit.SECONDS.toNanos(10);

    /** A cache may have so much in one piece, which it forgets whole or not. */
    private static final long FORGOTTEN_BYTES = 2 << 20;

    private final int fd;
    private volatile long ringAvoided; // since when; 0 for not

    /**
     * Owns the descriptor from here on.
     *
     * @param blocking where to close it, as the last close of a disk writes back its cache, and to look for holes
     */
    DescriptorFile(int fd, DeviceInfo info, FileQuirks quirks, Executor blocking) {
        super(info, quirks, blocking);
        this.fd = fd;
    }

    /** The descriptor: to be used between entering the gate and leaving it only. */
    int fd() {
        return fd;
    }

    @Override
    SyscallOp op(BlockOp op, CoreSubscriber<? super Void> actual) {
        return new SyscallOp(this, op, actual);
    }

    @Override
    List<Extent> extents(long sector, long sectorCount) {
        return FileExtents.of(this, sector, sectorCount);
    }

    // What of it is being written stays. That it was forgotten cannot be promised: somebody may read it just now.
    @Override
    void forget(long sector, long sectorCount) {
        long from = Sectors.toBytes(sector) / FORGOTTEN_BYTES * FORGOTTEN_BYTES;
        long to = Sectors.toBytes(sector + sectorCount) + FORGOTTEN_BYTES - 1;
        LibC.fadvise(fd, from, to / FORGOTTEN_BYTES * FORGOTTEN_BYTES - from, LibC.POSIX_FADV_DONTNEED);
    }

    @Override
    boolean mayUseAnyThread() {
        return true;
    }

    @Override
    void closeHandle() {
        long answer = LibC.close(fd); // whatever it answers, the number is free again: never retried
        if (answer < 0) {
            throw LibC.failure(info().name(), "closing reported a failed earlier write", (int) -answer);
        }
    }

    /** The kernel's workers did not come to an operation of its on a ring: others go to its threads for a while. */
    void avoidRing() {
        ringAvoided = Math.max(1, System.nanoTime());
    }

    /** Whether operations should not be put on a ring for now. */
    boolean avoidsRing() {
        long since = ringAvoided;
        if (since == 0) {
            return false;
        }
        if (System.nanoTime() - since < RING_AVOIDED_NANOS) {
            return true;
        }
        ringAvoided = 0; // so that nobody looks at the clock any more
        return false;
    }
}
