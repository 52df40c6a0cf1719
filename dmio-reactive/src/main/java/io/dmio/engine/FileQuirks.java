package io.dmio.engine;

/**
 * What an open file takes and refuses. The refusals are learnt from its answers, once: probing them beforehand would have to
 * write. Races are harmless, the flags only ever rise.
 */
final class FileQuirks {

    /** Whether it is a block device, which wants ioctls where a file wants fallocate. */
    final boolean blockDevice;

    /** Whether the file system keeps it in memory: an operation is a copy then, and waits for nothing. */
    final boolean inMemory;

    /** Offsets and lengths must stay whole multiples of this: the block in direct mode, else 1. */
    final int alignBytes;

    /** Whether others may write it past the page cache that it is read through: by another machine, or another node of a disk. */
    final boolean remembered;

    private volatile boolean dsyncRefused;
    private volatile boolean zeroRangeRefused;

    FileQuirks(boolean blockDevice, boolean inMemory, int alignBytes) {
        this(blockDevice, inMemory, alignBytes, false);
    }

    FileQuirks(boolean blockDevice, boolean inMemory, int alignBytes, boolean remembered) {
        this.blockDevice = blockDevice;
        this.inMemory = inMemory;
        this.alignBytes = alignBytes;
        this.remembered = remembered;
    }

    /** RWF_DSYNC came back with EOPNOTSUPP: forced unit access is a write and a sync from now on. */
    void refuseDsync() {
        dsyncRefused = true;
    }

    boolean refusesDsync() {
        return dsyncRefused;
    }

    /** FALLOC_FL_ZERO_RANGE came back with EOPNOTSUPP (tmpfs, for one): zeroes are written from now on. */
    void refuseZeroRange() {
        zeroRangeRefused = true;
    }

    boolean refusesZeroRange() {
        return zeroRangeRefused;
    }
}
