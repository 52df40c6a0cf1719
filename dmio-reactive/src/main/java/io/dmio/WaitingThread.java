package io.dmio;

import reactor.util.context.Context;
import reactor.util.context.ContextView;

/**
 * A word from a thread that waits for one operation and does nothing else meanwhile: a device may make the system call on it,
 * which saves two thread switches. {@link DmIo}'s sync forms put it into Reactor's {@link Context}, wrappers written with
 * operators pass it on, and engines look for it. Whoever starts several operations for one subscriber must {@link #clear} it
 * for all but the last, or they run one after the other.
 */
public final class WaitingThread {

    private static final Object KEY = WaitingThread.class;

    private WaitingThread() {}

    /**
     * Says that the calling thread will wait.
     *
     * @param context of the subscriber
     * @return the context with the word in it
     */
    public static Context mark(Context context) {
        return context.put(KEY, Thread.currentThread());
    }

    /**
     * Takes the word back.
     *
     * @param context of the subscriber
     * @return the context without it; the same if it was not there
     */
    public static Context clear(Context context) {
        return context.hasKey(KEY) ? context.delete(KEY) : context;
    }

    /**
     * Whether the subscriber waits on the very thread that asks; a request that had to queue is started by another.
     *
     * @param context of the subscriber
     * @return true if the calling thread may block for this operation
     */
    public static boolean isThis(ContextView context) {
        return !context.isEmpty() && context.getOrDefault(KEY, null) == Thread.currentThread();
    }
}
