package io.dmio;

import java.util.Objects;
import reactor.util.context.Context;
import reactor.util.context.ContextView;

/**
 * A context entry by which a read asks for what the storage holds now, and not for what a cache of this machine holds. It is
 * for data that others write on the same disk, from another machine or by another node of this one, such as an owner's mark on
 * a leg of a mirror. Wrappers written with operators pass Reactor's {@link Context} on. Devices that read through a cache which
 * others do not write through look for the entry in it; all other devices read what is there anyway.
 */
public final class FreshRead {

    private static final Object KEY = FreshRead.class;
    private static final Context ASKED = Context.of(KEY, true);

    private FreshRead() {}

    /**
     * Returns a context with the entry, for a subscriber without other entries.
     *
     * @return a context with the entry in it
     */
    public static Context asked() {
        return ASKED;
    }

    /**
     * Adds the entry to a context.
     *
     * @param context the subscriber's context
     * @return the context with the entry in it
     */
    public static Context ask(Context context) {
        return Objects.requireNonNull(context, "context").put(KEY, true);
    }

    /**
     * Returns whether the subscriber asks for a fresh read.
     *
     * @param context the subscriber's context
     * @return true if what a cache holds will not do
     */
    public static boolean isAsked(ContextView context) {
        return Objects.requireNonNull(context, "context").hasKey(KEY);
    }
}
