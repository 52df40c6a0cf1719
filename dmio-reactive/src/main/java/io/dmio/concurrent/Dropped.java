package io.dmio.concurrent;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Operators;
import reactor.util.context.Context;
import reactor.util.context.ContextView;

/**
 * Passes an error that comes after the end to Reactor's hook for dropped errors, so that it is not lost. What the hook throws is
 * logged and goes no further, as the thread has other work to go on with.
 */
public final class Dropped {

    private static final Logger LOG = LoggerFactory.getLogger(Dropped.class);

    private Dropped() {}

    /**
     * Drops an error; throws nothing.
     *
     * @param late the error
     * @param context the context of the subscriber that the error was for, which may have a hook of its own
     */
    public static void error(Throwable late, ContextView context) {
        try {
            Operators.onErrorDropped(late, Context.of(context));
        } catch (Throwable byHook) {
            log(byHook);
        }
    }

    private static void log(Throwable byHook) {
        try {
            LOG.error("an error that came after the end, and that a hook would not have", byHook);
        } catch (Throwable again) {
            // There is no memory even to log it: the work goes on.
        }
    }
}
