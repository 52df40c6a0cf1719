package io.dmio.concurrent;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Owns what a stream has made and its subscriber has not taken over yet. What is left when the stream ends is released then, in whatever
 * queue it is, and what comes later is released at once: so nothing depends on operators, which may drop what they hold.
 */
public final class Custody<T> implements AutoCloseable {

    private final Consumer<? super T> release;

    // guarded by this
    private final Set<T> held = new HashSet<>(); // things that are equal to themselves only
    private boolean closed;

    /**
     * Creates a custody that holds nothing yet.
     *
     * @param release releases one thing; called without the lock
     */
    public Custody(Consumer<? super T> release) {
        this.release = release;
    }

    /** Takes care of something until it is {@linkplain #take taken}; it may be released already when this returns. */
    public T keep(T one) {
        if (!add(one)) {
            release.accept(one);
        }
        return one;
    }

    /** Hands something over; returns false if it was taken already, or released at the end. */
    public synchronized boolean take(T one) {
        return held.remove(one);
    }

    /** Releases what was not taken, and from now on everything that comes. */
    @Override
    public void close() {
        List<T> left;
        synchronized (this) {
            closed = true;
            left = new ArrayList<>(held);
            held.clear();
        }
        left.forEach(release);
    }

    private synchronized boolean add(T one) {
        return !closed && held.add(one);
    }
}
