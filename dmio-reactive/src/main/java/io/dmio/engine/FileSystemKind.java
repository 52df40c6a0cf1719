package io.dmio.engine;

/**
 * File systems by their number in {@code statfs(2)} (linux/magic.h), and what of them cannot be asked without a trace: a hole
 * punched for a trial changes a file's times even where it has nothing to do.
 */
enum FileSystemKind {
    EXT4(0xEF53, true),
    XFS(0x58465342, true),
    BTRFS(0x9123683E, true),
    F2FS(0xF2F52010, true),
    ZFS(0x2FC12FC1, true),
    BCACHEFS(0xCA451A4E, true),
    CEPH(0x00C36400, true),
    /** Of containers; what can be below it can punch holes. */
    OVERLAY(0x794C7630, true),
    TMPFS(0x01021994, true),
    RAMFS(0x858458F6, false),
    /** Cannot, or it depends on a server, a daemon or a version that does not say. */
    OTHER(0, false);

    private final int magic;
    private final boolean punchesHoles;

    FileSystemKind(int magic, boolean punchesHoles) {
        this.magic = magic;
        this.punchesHoles = punchesHoles;
    }

    /** Finds it by {@code f_type}; the kernel's numbers have 32 bits, with a sign or without. */
    static FileSystemKind of(long type) {
        for (FileSystemKind kind : values()) {
            if (kind.magic == (int) type) {
                return kind;
            }
        }
        return OTHER;
    }

    /** Whether a file on it can give back space in its middle. */
    boolean punchesHoles() {
        return punchesHoles;
    }

    /** Whether its files are written by this machine alone, through one cache; not known of others. */
    boolean isOfThisMachine() {
        return this != OTHER && this != CEPH;
    }

    /** Whether it keeps files in memory only, so that I/O is a copy and nothing to wait for. */
    boolean isInMemory() {
        return this == TMPFS || this == RAMFS;
    }
}
