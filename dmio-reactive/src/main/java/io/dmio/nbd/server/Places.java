package io.dmio.nbd.server;

import java.util.ArrayDeque;
import java.util.Queue;

/**
 * Limits the number of clients at a time, exactly: further clients wait for their turn, first come, first served. Safe for concurrent use;
 * turns are told outside of any lock.
 */
final class Places {

    private final int max;
    private final Queue<Runnable> line = new ArrayDeque<>(); // guarded by this, as all
    private int taken;

    Places(int max) {
        this.max = max;
    }

    /**
     * Takes a place, or joins the line for one.
     *
     * @param turn called once the caller has the place, which is to be {@linkplain #leave given back} once
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

    /** Passes a place on to the next in line, or frees it. */
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

    /** Returns whether somebody stands in line. */
    synchronized boolean isWaitedFor() {
        return !line.isEmpty();
    }

    synchronized int taken() {
        return taken;
    }
}
