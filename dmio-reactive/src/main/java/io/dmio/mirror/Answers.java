package io.dmio.mirror;

import io.dmio.DeviceException;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;
import reactor.core.publisher.Sinks;

/**
 * The callers that wait for an answer of the mirror, except users' operations, which are in {@link UserOps}. If the mirror fails inside, all of
 * them are told, and later callers are told at once, so that nobody waits for ever. Safe from any thread.
 */
final class Answers {

    private static final Logger LOG = LoggerFactory.getLogger(Answers.class);

    private final Set<Waiting> open = ConcurrentHashMap.newKeySet();
    private final Sinks.Empty<Void> end = Sinks.empty();
    private volatile @Nullable DeviceException broken;

    /** A caller that waits; equal only to itself. */
    static final class Waiting {
        private final MonoSink<?> sink;

        Waiting(MonoSink<?> sink) {
            this.sink = sink;
        }
    }

    /** Adds a caller that waits; returns whether it is too late for that, and then the caller has been told. */
    boolean refuses(Waiting one) {
        open.add(one);
        DeviceException why = broken;
        if (why != null && open.remove(one)) {
            one.sink.error(why);
        }
        return why != null;
    }

    /** Removes a caller that has its answer, or wants none any more. */
    void remove(Waiting one) {
        open.remove(one);
    }

    boolean isBroken() {
        return broken != null;
    }

    /** Why nobody is answered any more; null while the mirror goes on. */
    @Nullable
    DeviceException broken() {
        return broken;
    }

    /** Errors when the mirror fails inside, and is silent otherwise. */
    Mono<Void> whenBroken() {
        return end.asMono();
    }

    /** Tells all callers, now and from now on. */
    void fail(DeviceException why) {
        broken = why;
        end.tryEmitError(why);
        for (Waiting one : List.copyOf(open)) {
            if (open.remove(one)) {
                safely(() -> one.sink.error(why));
            }
        }
    }

    /** Runs a signal so that a listener that throws, though none may, ends only itself. Any operator throws what Reactor calls fatal. */
    static void safely(Runnable signal) {
        try {
            signal.run();
        } catch (Throwable thrown) {
            threw(thrown);
        }
    }

    /** Logs what a subscriber threw. */
    static void threw(Throwable thrown) {
        LOG.error("a subscriber threw", thrown);
    }
}
