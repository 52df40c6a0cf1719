package io.dmio.engine;

/**
 * What an open file accepts and refuses. Each refusal is learnt from the file's answer, once: probing beforehand would have to write. Races
 * are harmless, as the flags are only ever set.
 */
final class FileQuirks {

    /** Whether it is a block device, which takes ioctls where a file takes fallocate. */
    final boolean blockDevice;

    /** Whether the file system keeps it in memory: an operation is a copy then, and waits for nothing. */
    final boolean inMemory;

    /** Offsets and lengths must stay whole multiples of this: the block in direct mode, else 1. */
    final int alignBytes;

    /** Whether others may write it without the page cache through which it is read: from another machine, or by another node of a disk. */
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

    /** Notes that RWF_DSYNC came back with EOPNOTSUPP: from now on forced unit access is a write and a sync. */
    void refuseDsync() {
        dsyncRefused = true;
    }

    boolean refusesDsync() {
        return dsyncRefused;
    }

    /** Notes that FALLOC_FL_ZERO_RANGE came back with EOPNOTSUPP (as on tmpfs): from now on zeroes are written. */
    void refuseZeroRange() {
        zeroRangeRefused = true;
    }

    boolean refusesZeroRange() {
        return zeroRangeRefused;
    }
}
