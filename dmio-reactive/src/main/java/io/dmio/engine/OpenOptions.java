package io.dmio.engine;

import io.dmio.Sectors;

/**
 * The options for opening a path. Immutable; start from {@link #readWrite()} or {@link #readOnly()} and refine.
 *
 * @param writes whether to open for reading and writing; otherwise for reading only and without a lock
 * @param direct whether I/O goes past the page cache ({@code O_DIRECT}); false by default
 * @param shared whether to open without the exclusive lock that an open for writing takes; false by default
 * @param truncateTail whether a read-only device ends at its last whole block where the size is odd, instead of being refused;
 *     false by default
 * @param createBytes the size of a file to create, or -1 (the default) to open what exists
 * @param preallocate whether a created file gets its space at once instead of being sparse; false by default
 * @param mayExist whether a file to create may exist already, and is then opened; false by default
 * @param mode who may read and write a created file, as {@code chmod} has it, less the process's umask; 0666 by default
 */
public record OpenOptions(
        boolean writes,
        boolean direct,
        boolean shared,
        boolean truncateTail,
        long createBytes,
        boolean preallocate,
        boolean mayExist,
        int mode) {

    private static final int EVERYBODY = 0666;
    private static final int PERMISSIONS = 0777;
    private static final OpenOptions READ_WRITE =
            new OpenOptions(true, false, false, false, -1, false, false, EVERYBODY);

    /** Checks that the options fit each other. */
    public OpenOptions {
        if (createBytes < -1) {
            throw new IllegalArgumentException("a file of " + createBytes + " bytes cannot be created");
        }
        if (createBytes >= 0) {
            Sectors.ofBytes(createBytes);
        }
        if ((mode & ~PERMISSIONS) != 0) {
            throw new IllegalArgumentException("mode 0" + Integer.toOctalString(mode) + ": permissions are 0 to 0777");
        }
        if (!writes && createBytes >= 0) {
            throw new IllegalArgumentException("a file is created for writing, not read-only");
        }
        if (mayExist && createBytes < 0) {
            throw new IllegalArgumentException("a file that may exist needs a size for where it does not");
        }
        if (truncateTail && writes) {
            throw new IllegalArgumentException("the odd bytes at a file's end can be left out for reading only");
        }
    }

    /**
     * Returns options for reading and writing, buffered, alone: another opener for writing gets EBUSY.
     *
     * @return the defaults
     */
    public static OpenOptions readWrite() {
        return READ_WRITE;
    }

    /**
     * Returns options for reading, buffered, without a lock.
     *
     * @return the options
     */
    public static OpenOptions readOnly() {
        return new OpenOptions(false, false, false, false, -1, false, false, EVERYBODY);
    }

    /**
     * Returns these options, past the page cache or through it. Memory that is not aligned for direct I/O is copied, and
     * counted in {@link io.dmio.PagePool#bounceCount()}.
     *
     * @param on true for {@code O_DIRECT}
     * @return new options
     */
    public OpenOptions withDirect(boolean on) {
        return new OpenOptions(writes, on, shared, truncateTail, createBytes, preallocate, mayExist, mode);
    }

    /**
     * Returns these options without the exclusive lock ({@code flock}; on block devices also {@code O_EXCL}): the opener makes
     * sure that writers do not meet.
     *
     * @return new options
     */
    public OpenOptions withShared() {
        return new OpenOptions(writes, direct, true, truncateTail, createBytes, preallocate, mayExist, mode);
    }

    /**
     * Returns these options, leaving out the bytes after the last whole block. For reading only.
     *
     * @return new options
     */
    public OpenOptions withTruncatedTail() {
        return new OpenOptions(writes, direct, shared, true, createBytes, preallocate, mayExist, mode);
    }

    /**
     * Returns these options, creating a new sparse file; EEXIST if the file exists. An open that fails leaves no file behind;
     * one that is cancelled when the file has been created leaves it.
     *
     * @param bytes the file's size, whole sectors; it never grows
     * @return new options
     */
    public OpenOptions withCreate(long bytes) {
        return new OpenOptions(writes, direct, shared, truncateTail, atLeastZero(bytes), false, false, mode);
    }

    /**
     * Returns these options, creating a new file whose space is taken at once; EEXIST if the file exists, ENOSPC if it does not
     * fit.
     *
     * @param bytes the file's size, whole sectors; it never grows
     * @return new options
     */
    public OpenOptions withPreallocated(long bytes) {
        return new OpenOptions(writes, direct, shared, truncateTail, atLeastZero(bytes), true, false, mode);
    }

    /**
     * Returns these options, opening the file that exists or creating a sparse one. An empty file counts as none: of several
     * openers that create it at a time, one gives it its size, and the others find it locked. An open that fails may leave an
     * empty file behind.
     *
     * @param bytes the size of a new file, whole sectors; one that exists keeps its own
     * @return new options
     */
    public OpenOptions withOpenOrCreate(long bytes) {
        return new OpenOptions(writes, direct, shared, truncateTail, atLeastZero(bytes), false, true, mode);
    }

    /**
     * Returns these options with other permissions for a file that is created; they have no meaning for a file that exists.
     *
     * @param permissions 0 to 0777; bits of the process's umask are taken off
     * @return new options
     */
    public OpenOptions withMode(int permissions) {
        return new OpenOptions(writes, direct, shared, truncateTail, createBytes, preallocate, mayExist, permissions);
    }

    // -1 stands for none: a size computed wrongly must not open what exists instead.
    private static long atLeastZero(long bytes) {
        if (bytes < 0) {
            throw new IllegalArgumentException("a file of " + bytes + " bytes cannot be created");
        }
        return bytes;
    }

    /**
     * Returns whether a file is to be created.
     *
     * @return true if a size was given
     */
    public boolean creates() {
        return createBytes >= 0;
    }
}
