package io.dmio.engine;

import java.util.concurrent.TimeUnit;

/**
 * Tells which operations on a ring the kernel has not answered for a while, so that they can be taken back. It gives what it
 * cannot do at once to a few workers, whatever file it is for; a file system that hangs takes all of them, and operations on
 * healthy ones stand in line behind it. Counts looks instead of reading clocks: it costs an operation two writes. Owned by the
 * ring's thread.
 */
final class RingWatch {

    /** Between two looks: an operation is taken back after one to two of them. */
    static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    private static final byte LOOKS = 2;

    private final long[] ids;
    private final byte[] looks;

    RingWatch(int slots) {
        this.ids = new long[slots];
        this.looks = new byte[slots];
    }

    /** The kernel has taken an operation under this id. */
    void entered(short slot, long id) {
        ids[slot] = id;
        looks[slot] = 0;
    }

    /** What the kernel calls the operation in this slot. */
    long id(short slot) {
        return ids[slot];
    }

    /** A look at a slot that is taken: true once, if it has been for too long. */
    boolean isLate(short slot) {
        return looks[slot] < LOOKS && ++looks[slot] == LOOKS;
    }
}
