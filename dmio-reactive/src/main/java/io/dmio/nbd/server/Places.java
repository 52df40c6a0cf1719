package io.dmio.nbd.server;

import java.util.ArrayDeque;
import java.util.Queue;

/**
 * How many clients are in at a time, exactly: who comes beyond that waits for his turn, first come, first served. Safe for concurrent
 * use; turns are told outside of any lock.
 */
final class Places {

    private final int max;
    private final Queue<Runnable> line = new ArrayDeque<>(); // guarded by this, as all
    private int taken;

    Places(int max) {
        this.max = max;
    }

    /**
     * Takes a place, or stands in line for one.
     *
     * @param turn told once he has it, which he {@linkplain #leave gives back} once
     */
    void enter(Runnable turn) {
        synchronized (this) {
            if (taken == max) {
                line.add(turn);
                return;
            }
            taken++;
        }
        turn.run();
    }

    /** Gives a place to the next in line, or back. */
    void leave() {
        Runnable next;
        synchronized (this) {
            next = line.poll();
            taken -= next == null ? 1 : 0;
        }
        if (next != null) {
            next.run();
        }
    }

    /** Whether somebody stands in line. */
    synchronized boolean isWaitedFor() {
        return !line.isEmpty();
    }

    synchronized int taken() {
        return taken;
    }
}
