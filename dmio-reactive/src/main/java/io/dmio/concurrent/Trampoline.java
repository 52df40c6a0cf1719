package io.dmio.concurrent;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Where results go that are there before {@code subscribe} returns: told at once, but no more than {@value #DEPTH_MAX} inside
 * each other on one thread, as Netty's promises do it. Those beyond are told when the outermost has returned. So a chain in
 * which each completion asks for the next ends, however long it is, instead of running out of stack.
 *
 * <p>What a subscriber throws reaches whoever asked; that of a deferred one the outermost, after all others have been told.
 */
public final class Trampoline {

    /** How many may nest: deep enough for completions that wait for another request, shallow beside a stack of 1 MiB. */
    public static final int DEPTH_MAX = 16;

    private static final ThreadLocal<Trampoline> HERE = ThreadLocal.withInitial(Trampoline::new);

    private final Queue<Runnable> later = new ArrayDeque<>(0);
    private int depth;

    private Trampoline() {}

    /** Tells a result now, or once those around it have returned. Nothing may be held for it any more: it can take long. */
    public static void run(Runnable signal) {
        Trampoline here = HERE.get();
        if (here.depth == 0) {
            here.runOutermost(signal);
        } else if (here.depth == DEPTH_MAX) {
            here.later.add(signal);
        } else {
            here.runInside(signal);
        }
    }

    /** Waits for a result on this thread, which therefore is not deferred behind the one that waits. */
    public static <T> T apart(Supplier<T> waiting) {
        Trampoline here = HERE.get();
        if (here.depth == 0) {
            return waiting.get();
        }
        HERE.set(new Trampoline());
        try {
            return waiting.get();
        } finally {
            HERE.set(here);
        }
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
                thrown = thrown == null ? one : both(thrown, one);
            }
        }
        if (thrown != null) {
            throwAsItIs(thrown);
        }
    }

    @SuppressWarnings("ReferenceEquality") // none is suppressed by itself
    private static Throwable both(Throwable first, Throwable second) {
        if (first != second) {
            first.addSuppressed(second);
        }
        return first;
    }

    @SuppressWarnings("unchecked") // unchecked in any case: nothing here declares another
    private static <T extends Throwable> void throwAsItIs(@Nullable Throwable thrown) throws T {
        throw (T) thrown;
    }
}
