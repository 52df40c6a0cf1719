package io.dmio.engine;

import io.dmio.concurrent.LookClock;
import java.util.concurrent.TimeUnit;

/**
 * Tells which operations on a ring the kernel has not answered for a while, so that they can be taken back. The kernel gives what it cannot
 * do at once to a few workers, whatever file it is for; a file system that hangs occupies all of them, and operations on healthy file systems
 * wait behind it. Counts looks instead of reading clocks, which costs an operation only two writes. Owned by the ring's thread.
 */
final class RingWatch {

    /** The interval between two looks: an operation is taken back after one to two intervals. */
    static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    private static final byte LOOKS = 2;

    private final long[] ids;
    private final byte[] looks;

    RingWatch(int slots) {
        this.ids = new long[slots];
        this.looks = new byte[slots];
    }

    /** Calls once, when it is time for the next look. */
    static void tell(Runnable look) {
        LookClock.tell(look, LOOK_NANOS);
    }

    /** Notes that the kernel has taken an operation under this id. */
    void entered(short slot, long id) {
        ids[slot] = id;
        looks[slot] = 0;
    }

    /** Returns the kernel's id of the operation in this slot. */
    long id(short slot) {
        return ids[slot];
    }

    /** Looks at a slot that is taken; returns true once, if it has been taken for too long. */
    boolean isLate(short slot) {
        return looks[slot] < LOOKS && ++looks[slot] == LOOKS;
    }
}
