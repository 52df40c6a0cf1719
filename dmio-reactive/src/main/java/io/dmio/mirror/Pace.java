package io.dmio.mirror;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;

/**
 * How fast resync and scrub go: up to the highest rate while nobody else uses the mirror, at the lowest while somebody does,
 * so that the foreground's latency comes first and the background still ends. Owned by the mailbox.
 */
final class Pace {

    private static final long IDLE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
    private static final double NANOS_PER_SECOND = 1e9;

    private final Mirror mirror;
    private final Deque<Runnable> held = new ArrayDeque<>();
    private long bytesPerSecondMax;
    private long freeNanos;
    private long foregroundNanos = Long.MIN_VALUE / 2;
    private boolean paused;

    Pace(Mirror mirror) {
        this.mirror = mirror;
        this.bytesPerSecondMax = mirror.options().resyncBytesPerSecondMax();
    }

    /** Somebody uses the mirror. */
    void foreground() {
        foregroundNanos = mirror.nanos();
    }

    /** Runs the work when its turn has come. */
    void turn(long bytes, Runnable work) {
        if (paused) {
            held.add(() -> turn(bytes, work));
            return;
        }
        long now = mirror.nanos();
        boolean busy = now - foregroundNanos < IDLE_NANOS;
        long rate = busy ? Math.min(mirror.options().resyncBytesPerSecondMin(), bytesPerSecondMax) : bytesPerSecondMax;
        long start = Math.max(now, Math.min(freeNanos, now + IDLE_NANOS * 10));
        freeNanos = start + (long) (bytes / (double) rate * NANOS_PER_SECOND);
        if (start <= now) {
            work.run();
        } else {
            mirror.after(start - now, TimeUnit.NANOSECONDS, () -> again(work));
        }
    }

    void limit(long bytesPerSecond) {
        bytesPerSecondMax = bytesPerSecond;
        freeNanos = mirror.nanos();
    }

    void pause() {
        paused = true;
    }

    void resume() {
        paused = false;
        Deque<Runnable> now = new ArrayDeque<>(held);
        held.clear();
        now.forEach(Runnable::run);
    }

    boolean isPaused() {
        return paused;
    }

    private void again(Runnable work) {
        if (paused) {
            held.add(work);
        } else {
            work.run();
        }
    }
}
