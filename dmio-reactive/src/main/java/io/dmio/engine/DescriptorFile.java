package io.dmio.engine;

import io.dmio.BlockOp;
import io.dmio.DeviceInfo;
import io.dmio.Extent;
import io.dmio.Sectors;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import reactor.core.CoreSubscriber;

/** An open file behind a descriptor, for system calls. */
final class DescriptorFile extends OpenFile {

    private static final long RING_AVOIDED_NANOS = TimeUnit.SECONDS.toNanos(10);

    /** The most that a cache may hold in one piece, which it drops as a whole or not at all. */
    private static final long FORGOTTEN_BYTES = 2 << 20;

    private final int fd;
    private volatile long ringAvoided; // since when; 0 if not avoided

    /**
     * Owns the descriptor from here on.
     *
     * @param blocking where the file is closed, as the last close of a disk writes back its cache, and where holes are looked for
     */
    DescriptorFile(int fd, DeviceInfo info, FileQuirks quirks, Executor blocking) {
        super(info, quirks, blocking);
        this.fd = fd;
    }

    /** Returns the descriptor; to be used only between entering the gate and leaving it. */
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

    // What is being written back stays cached. Nor is it promised that the rest is gone: somebody may be reading it.
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
        long answer = LibC.close(fd); // never retried: whatever it answers, the number is free again
        if (answer < 0) {
            throw LibC.failure(info().name(), "closing reported a failed earlier write", (int) -answer);
        }
    }

    /** Avoids the ring for a while, as the kernel's workers did not come to an operation of this file: others go to its threads. */
    void avoidRing() {
        ringAvoided = Math.max(1, System.nanoTime());
    }

    /** Returns whether operations should not be put on a ring for now. */
    boolean avoidsRing() {
        long since = ringAvoided;
        if (since == 0) {
            return false;
        }
        if (System.nanoTime() - since < RING_AVOIDED_NANOS) {
            return true;
        }
        ringAvoided = 0; // so that the clock need not be read again
        return false;
    }
}
