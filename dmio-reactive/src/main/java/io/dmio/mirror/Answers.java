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
 * Who waits for an answer of the mirror, so that nobody waits for ever when it fails inside: then all of them are told, and
 * whoever comes later is told at once. Safe from any thread.
 */
final class Answers {

    private static final Logger LOG = LoggerFactory.getLogger(Answers.class);

    private final Set<MonoSink<?>> open = ConcurrentHashMap.newKeySet();
    private final Sinks.Empty<Void> end = Sinks.empty();
    private volatile @Nullable DeviceException broken;

    /** Counts one who waits; tells whether it is too late for that, and then it has been told. */
    boolean refuses(MonoSink<?> sink) {
        open.add(sink);
        DeviceException why = broken;
        if (why != null && open.remove(sink)) {
            sink.error(why);
        }
        return why != null;
    }

    /** It has its answer, or wants none any more. */
    void remove(MonoSink<?> sink) {
        open.remove(sink);
    }

    boolean isBroken() {
        return broken != null;
    }

    /** Errors when the mirror fails inside, and is silent else. */
    Mono<Void> whenBroken() {
        return end.asMono();
    }

    /** Tells everybody, now and from now on. */
    void fail(DeviceException why) {
        broken = why;
        end.tryEmitError(why);
        for (MonoSink<?> sink : List.copyOf(open)) {
            if (open.remove(sink)) {
                safely(() -> sink.error(why));
            }
        }
    }

    /** Whoever listens and throws, though nobody may, ends nothing but itself; what Reactor calls fatal is thrown by any operator. */
    static void safely(Runnable signal) {
        try {
            signal.run();
        } catch (Throwable thrown) {
            LOG.error("a subscriber threw", thrown);
        }
    }
}
