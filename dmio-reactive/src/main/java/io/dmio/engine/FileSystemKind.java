package io.dmio.engine;

/**
 * File systems by their number in {@code statfs(2)} (linux/magic.h), with what cannot be found out about them without leaving a trace: a hole
 * punched as a trial changes a file's times even if there is nothing to punch.
 */
enum FileSystemKind {
    EXT4(0xEF53, true),
    XFS(0x58465342, true),
    BTRFS(0x9123683E, true),
    F2FS(0xF2F52010, true),
    ZFS(0x2FC12FC1, true),
    BCACHEFS(0xCA451A4E, true),
    CEPH(0x00C36400, true),
    /** The file system of containers; any file system that can be below it can punch holes. */
    OVERLAY(0x794C7630, true),
    TMPFS(0x01021994, true),
    RAMFS(0x858458F6, false),
    /** Cannot punch holes, or it depends on a server, a daemon or a version that does not tell. */
    OTHER(0, false);

    private final int magic;
    private final boolean punchesHoles;

    FileSystemKind(int magic, boolean punchesHoles) {
        this.magic = magic;
        this.punchesHoles = punchesHoles;
    }

    /** Finds a kind by its {@code f_type}; the kernel's numbers have 32 bits, with a sign or without. */
    static FileSystemKind of(long type) {
        for (FileSystemKind kind : values()) {
            if (kind.magic == (int) type) {
                return kind;
            }
        }
        return OTHER;
    }

    /** Returns whether a file on it can give back space in its middle. */
    boolean punchesHoles() {
        return punchesHoles;
    }

    /** Returns whether its files are written by this machine alone, through one cache; of others this is not known. */
    boolean isOfThisMachine() {
        return this != OTHER && this != CEPH;
    }

    /** Returns whether it keeps files in memory only, so that I/O is a copy and waits for nothing. */
    boolean isInMemory() {
        return this == TMPFS || this == RAMFS;
    }
}
