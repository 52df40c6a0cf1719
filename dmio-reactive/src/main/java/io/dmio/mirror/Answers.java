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
 * Who waits for an answer of the mirror, but for the users' operations in {@link UserOps}, so that nobody waits for ever when it fails
 * inside: then all of them are told, and whoever comes later is told at once. Safe from any thread.
 */
final class Answers {

    private static final Logger LOG = LoggerFactory.getLogger(Answers.class);

    private final Set<Waiting> open = ConcurrentHashMap.newKeySet();
    private final Sinks.Empty<Void> end = Sinks.empty();
    private volatile @Nullable DeviceException broken;

    /** One who waits; equal to itself only. */
    static final class Waiting {
        private final MonoSink<?> sink;

        Waiting(MonoSink<?> sink) {
            this.sink = sink;
        }
    }

    /** Counts one who waits; tells whether it is too late for that, and then it has been told. */
    boolean refuses(Waiting one) {
        open.add(one);
        DeviceException why = broken;
        if (why != null && open.remove(one)) {
            one.sink.error(why);
        }
        return why != null;
    }

    /** It has its answer, or wants none any more. */
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

    /** Errors when the mirror fails inside, and is silent else. */
    Mono<Void> whenBroken() {
        return end.asMono();
    }

    /** Tells everybody, now and from now on. */
    void fail(DeviceException why) {
        broken = why;
        end.tryEmitError(why);
        for (Waiting one : List.copyOf(open)) {
            if (open.remove(one)) {
                safely(() -> one.sink.error(why));
            }
        }
    }

    /** Whoever listens and throws, though nobody may, ends nothing but itself; what Reactor calls fatal is thrown by any operator. */
    static void safely(Runnable signal) {
        try {
            signal.run();
        } catch (Throwable thrown) {
            threw(thrown);
        }
    }

    /** A subscriber threw. */
    static void threw(Throwable thrown) {
        LOG.error("a subscriber threw", thrown);
    }
}
