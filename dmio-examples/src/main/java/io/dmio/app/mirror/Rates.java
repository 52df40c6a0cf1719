package io.dmio.app.mirror;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.LongConsumer;
import reactor.core.publisher.Mono;

/**
 * Decides how fast resync and scrub may be: by the rate of the server, but while work runs that came with a rate of its own, by the rate of
 * the latest such work. Safe from any thread.
 */
final class Rates {

    private final LongConsumer mirror;

    // guarded by this
    private final Deque<Own> owns = new ArrayDeque<>(); // the latest first
    private long usual;

    /** The rate of some work that runs; no two are the same. */
    private static final class Own {
        private final long bytesPerSecond;

        Own(long bytesPerSecond) {
            this.bytesPerSecond = bytesPerSecond;
        }
    }

    /**
     * @param mirror told the rate that holds from now on, in bytes per second
     * @param usual the rate that holds already; {@code Long.MAX_VALUE} for no limit
     */
    Rates(LongConsumer mirror, long usual) {
        this.mirror = mirror;
        this.usual = usual;
    }

    /** Returns the rate that holds unless work has its own. */
    synchronized long usual() {
        return usual;
    }

    /** Sets the rate from now on, whatever runs. */
    synchronized void usual(long bytesPerSecond) {
        usual = bytesPerSecond;
        owns.clear();
        mirror.accept(bytesPerSecond);
    }

    /** Runs work with a rate of its own, which holds until the work has ended. */
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
