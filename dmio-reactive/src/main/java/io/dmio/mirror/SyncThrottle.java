package io.dmio.mirror;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;

/**
 * Limits how fast resync and scrub go: up to the highest rate while nobody else uses the mirror, at the lowest while
 * somebody does, so that the foreground's latency comes first and the background still ends. However many ask for a
 * turn, they share the rate: each turn makes a debt, which is paid off at the rate of the moment, and the next turn
 * comes only then. Owned by the mailbox.
 */
final class SyncThrottle {

    private static final long IDLE_NANOS = TimeUnit.MILLISECONDS.toNanos(100); // also how soon another rate counts
    private static final double NANOS_PER_SECOND = 1e9;

    private final MirrorTime time;
    private final long busyBytesPerSecond;
    private final Deque<Turn> waiting = new ArrayDeque<>();
    private long bytesPerSecondMax;
    private double debtBytes;
    private long paidNanos;
    private long foregroundNanos = Long.MIN_VALUE / 2;
    private boolean paused;
    private boolean ends; // whatever waits goes on at once, and nobody holds it up any more
    private boolean giving;
    private boolean timing;

    private record Turn(Object owner, long bytes, Runnable work) {}

    /**
     * @param busyBytesPerSecond the rate while somebody uses the mirror
     * @param bytesPerSecondMax the rate while nobody does
     */
    SyncThrottle(MirrorTime time, long busyBytesPerSecond, long bytesPerSecondMax) {
        this.time = time;
        this.busyBytesPerSecond = busyBytesPerSecond;
        this.bytesPerSecondMax = bytesPerSecondMax;
    }

    /** Notes that somebody uses the mirror now. */
    void used() {
        foregroundNanos = time.nanos();
    }

    /** Runs the work when its turn has come, which may be at once. */
    void turn(Object owner, long bytes, Runnable work) {
        waiting.add(new Turn(owner, bytes, work));
        give();
    }

    /** Takes back the turns of an owner that wants none any more; returns how many. */
    int drop(Object owner) {
        int before = waiting.size();
        waiting.removeIf(turn -> turn.owner.equals(owner));
        return before - waiting.size();
    }

    /** Ends the throttle: all who wait have their turn, and so have those who still come, whatever the rate was. */
    void end() {
        ends = true;
        limit(Long.MAX_VALUE);
        resume();
    }

    void limit(long bytesPerSecond) {
        bytesPerSecondMax = bytesPerSecond;
        debtBytes = 0;
        give();
    }

    void pause() {
        paused = !ends;
    }

    void resume() {
        paused = false;
        give();
    }

    boolean isPaused() {
        return paused;
    }

    // Work that asks for its next turn at once comes back here: it gets that turn from the loop, and does not nest.
    private void give() {
        if (giving) {
            return;
        }
        giving = true;
        pay();
        while (!paused && debtBytes <= 0 && !waiting.isEmpty()) {
            Turn turn = waiting.remove();
            debtBytes = rate() == Long.MAX_VALUE ? 0 : turn.bytes;
            turn.work.run();
        }
        giving = false;
        if (!paused && !timing && !waiting.isEmpty()) {
            timing = true;
            long nanos = (long) Math.ceil(debtBytes / rate() * NANOS_PER_SECOND);
            time.after(Math.min(Math.max(nanos, 1), IDLE_NANOS), TimeUnit.NANOSECONDS, this::again);
        }
    }

    private void again() {
        timing = false;
        give();
    }

    private void pay() {
        long now = time.nanos();
        debtBytes = Math.max(0, debtBytes - (now - paidNanos) / NANOS_PER_SECOND * rate());
        paidNanos = now;
    }

    private long rate() {
        if (ends) {
            return Long.MAX_VALUE;
        }
        boolean busy = time.nanos() - foregroundNanos < IDLE_NANOS;
        return busy ? Math.min(busyBytesPerSecond, bytesPerSecondMax) : bytesPerSecondMax;
    }
}
