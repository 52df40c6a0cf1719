package io.dmio.concurrent;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.CountDownLatch;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import reactor.core.Scannable;

/**
 * Tells results that are there before {@code subscribe} returns: at once, but no more than {@value #DEPTH_MAX} nested on one thread, as
 * Netty's promises do. Results beyond that are told when the outermost has returned. So a chain in which each completion asks for the next
 * ends, however long it is, instead of running out of stack.
 *
 * <p>If a thread blocks for a result inside a completion, the result is not deferred until that completion has returned, which would be
 * never: it is told at once, and what it leads to is deferred until that is done. Reactor's {@code block} is found through any operators
 * before it; a thread that waits by other means ({@code toFuture().get()}) inside {@value #DEPTH_MAX} completions waits for ever.
 *
 * <p>What a subscriber throws reaches the code that asked for the signal; of a deferred one, the outermost, after all others have been told.
 */
public final class Trampoline {

    /** How many may nest: deep enough for completions that wait for another request, shallow compared with a stack of 1 MiB. */
    public static final int DEPTH_MAX = 16;

    private static final ThreadLocal<Trampoline> HERE = ThreadLocal.withInitial(() -> new Trampoline(null, null));

    private final Queue<Runnable> later = new ArrayDeque<>(0);
    private final @Nullable Trampoline around;
    private final @Nullable CountDownLatch waiter; // the blocked thread that it was made for, inside the one around it
    private int depth;

    private Trampoline(@Nullable Trampoline around, @Nullable CountDownLatch waiter) {
        this.around = around;
        this.waiter = waiter;
    }

    /**
     * Tells a result now, or once those around it have returned. Nothing may be held for the result any more: telling it can take long.
     *
     * @param to the subscriber
     * @param signal tells it
     */
    public static void run(Object to, Runnable signal) {
        Trampoline here = HERE.get();
        if (here.depth == 0) {
            here.runOutermost(signal);
        } else if (here.depth == DEPTH_MAX) {
            here.runAtTheLimit(to, signal);
        } else {
            here.runInside(signal);
        }
    }

    /** Waits on this thread for a result, which therefore is not deferred until the waiting one has returned. */
    public static <T> T apart(Supplier<T> waiting) {
        Trampoline here = HERE.get();
        if (here.depth == 0) {
            return waiting.get();
        }
        HERE.set(new Trampoline(here, null));
        try {
            return waiting.get();
        } finally {
            HERE.set(here);
        }
    }

    // The chain of a thread that blocks asks again at the limit: the thread then waits for what was begun here for it.
    private void runAtTheLimit(Object to, Runnable signal) {
        CountDownLatch blocked = waiterFor(to);
        if (blocked == null || isFor(blocked)) {
            later.add(signal);
            return;
        }
        Trampoline inside = new Trampoline(this, blocked);
        HERE.set(inside);
        try {
            inside.runOutermost(signal);
        } finally {
            HERE.set(this);
        }
    }

    private boolean isFor(CountDownLatch blocked) {
        Trampoline at = this;
        while (at != null && !blocked.equals(at.waiter)) {
            at = at.around;
        }
        return at != null;
    }

    /** Returns the latch on which a thread waits for the signal, as in Reactor's blocking subscribers; null if none is found. */
    private static @Nullable CountDownLatch waiterFor(Object to) {
        Object at = to;
        while (at instanceof Scannable step && !(at instanceof CountDownLatch)) {
            at = step.scanUnsafe(Scannable.Attr.ACTUAL);
        }
        return at instanceof CountDownLatch latch ? latch : null;
    }

    private void runInside(Runnable signal) {
        depth++;
        try {
            signal.run();
        } finally {
            depth--;
        }
    }

    private void runOutermost(Runnable first) {
        Throwable thrown = null;
        for (Runnable next = first; next != null; next = later.poll()) {
            try {
                runInside(next);
            } catch (Throwable one) {
                thrown = thrown == null ? one : FirstFailure.with(thrown, one);
            }
        }
        if (thrown != null) {
            throwAsItIs(thrown);
        }
    }

    @SuppressWarnings("unchecked") // unchecked in any case: nothing here declares another
    private static <T extends Throwable> void throwAsItIs(@Nullable Throwable thrown) throws T {
        throw (T) thrown;
    }
}
