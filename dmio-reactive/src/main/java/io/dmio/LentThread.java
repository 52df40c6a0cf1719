package io.dmio;

import org.jspecify.annotations.Nullable;
import reactor.util.context.Context;
import reactor.util.context.ContextView;

/**
 * A word from a thread that offers itself for an operation: a device may make the system call on it, which saves two thread
 * switches. It stands in Reactor's {@link Context}; wrappers written with operators pass it on, and engines look for it.
 * Whoever starts several operations for one subscriber must {@link #withdraw} it for all but the last, or they run one after
 * the other.
 *
 * <p>There are two offers. A thread that {@linkplain #toWait waits} for one operation and does nothing else meanwhile may be
 * blocked ({@link DmIo}'s sync forms). A thread that serves many, such as a server's event loop, lends itself only {@linkplain
 * #toCopy to copy}: for a short operation on memory, which costs less than handing it to somebody else.
 */
public final class LentThread {

    private static final Object KEY = LentThread.class;

    /** The word: who says it, and whether it may be blocked. */
    private record Offer(Thread thread, boolean waits) {}

    private LentThread() {}

    /**
     * Says that the calling thread will wait.
     *
     * @param context of the subscriber
     * @return the context with the word in it
     */
    public static Context toWait(Context context) {
        return context.put(KEY, new Offer(Thread.currentThread(), true));
    }

    /**
     * Says that the calling thread must not wait, but may copy some memory.
     *
     * @param context of the subscriber
     * @return the context with the word in it
     */
    public static Context toCopy(Context context) {
        return context.put(KEY, new Offer(Thread.currentThread(), false));
    }

    /**
     * Takes the word back.
     *
     * @param context of the subscriber
     * @return the context without it; the same if it was not there
     */
    public static Context withdraw(Context context) {
        return context.hasKey(KEY) ? context.delete(KEY) : context;
    }

    /**
     * Whether the subscriber waits on the very thread that asks; a request that had to queue is started by another.
     *
     * @param context of the subscriber
     * @return true if the calling thread may block for this operation
     */
    public static boolean mayBlock(ContextView context) {
        Offer offer = offer(context);
        return offer != null && offer.waits && offer.thread == Thread.currentThread();
    }

    /**
     * Whether the subscriber lends the very thread that asks, to wait or to copy.
     *
     * @param context of the subscriber
     * @return true if the calling thread may copy memory for this operation
     */
    public static boolean mayCopy(ContextView context) {
        Offer offer = offer(context);
        return offer != null && offer.thread == Thread.currentThread();
    }

    private static @Nullable Offer offer(ContextView context) {
        return context.isEmpty() ? null : context.getOrDefault(KEY, null);
    }
}
