package io.dmio;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import org.jspecify.annotations.Nullable;
import reactor.util.context.Context;
import reactor.util.context.ContextView;

/**
 * A context entry by which a thread offers to run I/O inline: an engine may make the system call on the offering thread, which
 * saves two thread switches. Wrappers written with operators pass Reactor's {@link Context} on, and engines look for the entry
 * in it. Code that starts several operations for one subscriber must {@link #withdraw} the offer for all but the last, or they
 * run one after the other.
 *
 * <p>There are two offers. A thread that {@linkplain #toWait waits} for one operation and does nothing else meanwhile may be
 * blocked ({@link DmIo}'s sync forms). A thread that serves many, such as a server's event loop, offers itself only
 * {@linkplain #toCopy to copy}: for a short operation on memory, which costs less than handing it to another thread.
 *
 * <p>A virtual thread is never lent, even if it is offered. A native call pins it to its carrier, and a few that hang on a slow
 * disk would stop every other virtual thread of the process; a virtual thread that waits for another thread's call costs no
 * carrier.
 */
public final class LentThread {

    private static final Object KEY = LentThread.class;
    private static final @Nullable MethodHandle IS_VIRTUAL = findIsVirtual();

    /** The entry in the context: which thread is lent, and whether it may be blocked. */
    private record Offer(Thread thread, boolean waits) {}

    private LentThread() {}

    /**
     * Adds the offer of the calling thread to a context, and says that the thread will wait.
     *
     * @param context the subscriber's context
     * @return the context with the offer in it; the same on a virtual thread
     */
    public static Context toWait(Context context) {
        return lend(context, true);
    }

    /**
     * Adds the offer of the calling thread to a context, and says that the thread must not wait, but may copy some memory.
     *
     * @param context the subscriber's context
     * @return the context with the offer in it; the same on a virtual thread
     */
    public static Context toCopy(Context context) {
        return lend(context, false);
    }

    private static Context lend(Context context, boolean waits) {
        Thread here = Thread.currentThread();
        return isVirtual(here) ? context : context.put(KEY, new Offer(here, waits));
    }

    /**
     * Removes the offer from a context.
     *
     * @param context the subscriber's context
     * @return the context without it; the same if it was not there
     */
    public static Context withdraw(Context context) {
        return context.hasKey(KEY) ? context.delete(KEY) : context;
    }

    /**
     * Returns whether the subscriber waits on the calling thread; a request that had to queue is started by another thread.
     *
     * @param context the subscriber's context
     * @return true if the calling thread may block for this operation
     */
    public static boolean mayBlock(ContextView context) {
        Offer offer = offer(context);
        return offer != null && offer.waits && offer.thread == Thread.currentThread();
    }

    /**
     * Returns whether the subscriber lends the calling thread, to wait or to copy.
     *
     * @param context the subscriber's context
     * @return true if the calling thread may copy memory for this operation
     */
    public static boolean mayCopy(ContextView context) {
        Offer offer = offer(context);
        return offer != null && offer.thread == Thread.currentThread();
    }

    private static @Nullable Offer offer(ContextView context) {
        return context.isEmpty() ? null : context.getOrDefault(KEY, null);
    }

    private static boolean isVirtual(Thread thread) {
        try {
            return IS_VIRTUAL != null && (boolean) IS_VIRTUAL.invokeExact(thread);
        } catch (Throwable never) {
            throw new IllegalStateException("Thread.isVirtual() threw", never);
        }
    }

    /** Finds {@code Thread.isVirtual()}, which this code cannot name as it is compiled for Java 17; null if there is none. */
    private static @Nullable MethodHandle findIsVirtual() {
        try {
            return MethodHandles.publicLookup()
                    .findVirtual(Thread.class, "isVirtual", MethodType.methodType(boolean.class));
        } catch (NoSuchMethodException | IllegalAccessException before21) {
            return null;
        }
    }
}
