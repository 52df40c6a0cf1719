package io.dmio;

import java.util.Objects;
import reactor.util.context.Context;
import reactor.util.context.ContextView;

/**
 * A context entry by which a read asks for what the storage holds now, and not for what a cache of this machine remembers of it: for
 * words that others write on the same disk, by another machine or another node of this one, as an owner's mark on a leg of a mirror. Wrappers
 * written with operators pass Reactor's {@link Context} on. Devices that read through a cache which others do not write through look for the
 * entry in it; all others read what is there anyway.
 */
public final class FreshRead {

    private static final Object KEY = FreshRead.class;
    private static final Context ASKED = Context.of(KEY, true);

    private FreshRead() {}

    /**
     * The context of a subscriber that has nothing else to say.
     *
     * @return one with the entry in it
     */
    public static Context asked() {
        return ASKED;
    }

    /**
     * Asks.
     *
     * @param context of the subscriber
     * @return the context with the entry in it
     */
    public static Context ask(Context context) {
        return Objects.requireNonNull(context, "context").put(KEY, true);
    }

    /**
     * Whether the subscriber asks.
     *
     * @param context of the subscriber
     * @return true if what a cache remembers will not do
     */
    public static boolean isAsked(ContextView context) {
        return Objects.requireNonNull(context, "context").hasKey(KEY);
    }
}
