package io.dmio.app.mirror;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.LongConsumer;
import reactor.core.publisher.Mono;

/**
 * How fast resync and scrub may be: as the server says, but while work runs that came with a rate of its own, as that says which came last.
 * Safe from any thread.
 */
final class Rates {

    private final LongConsumer mirror;

    // guarded by this
    private final Deque<Own> owns = new ArrayDeque<>(); // the latest first
    private long usual;

    /** Of some work that runs; no two are the same. */
    private static final class Own {
        private final long bytesPerSecond;

        Own(long bytesPerSecond) {
            this.bytesPerSecond = bytesPerSecond;
        }
    }

    /**
     * @param mirror is told what holds from now on, in bytes per second
     * @param usual as it holds already; {@code Long.MAX_VALUE} for no limit
     */
    Rates(LongConsumer mirror, long usual) {
        this.mirror = mirror;
        this.usual = usual;
    }

    /** What holds where nothing else is said. */
    synchronized long usual() {
        return usual;
    }

    /** From now on, whatever runs. */
    synchronized void usual(long bytesPerSecond) {
        usual = bytesPerSecond;
        owns.clear();
        mirror.accept(bytesPerSecond);
    }

    /** Work with a rate of its own, which holds until that has ended. */
    <T> Mono<T> during(long bytesPerSecond, Mono<T> work) {
        if (bytesPerSecond == Long.MAX_VALUE) {
            return work;
        }
        return Mono.using(() -> begin(bytesPerSecond), own -> work, this::end);
    }

    private synchronized Own begin(long bytesPerSecond) {
        Own own = new Own(bytesPerSecond);
        owns.addFirst(own);
        mirror.accept(bytesPerSecond);
        return own;
    }

    private synchronized void end(Own own) {
        if (owns.remove(own)) { // nobody has said otherwise since
            Own latest = owns.peekFirst();
            mirror.accept(latest == null ? usual : latest.bytesPerSecond);
        }
    }
}
