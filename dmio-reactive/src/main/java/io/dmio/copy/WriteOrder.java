package io.dmio.copy;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/**
 * Lets pieces write one after the other, by number, whatever the order in which their data arrives. Every number that was given out is
 * {@linkplain #passed passed} once, even by a piece that writes nothing, and possibly before its turn. A loop tells the piece whose turn
 * comes, not its predecessor: else pieces that write at once would nest in each other until the stack is full.
 */
final class WriteOrder {

    // guarded by this
    private final Map<Long, Sinks.Empty<Void>> waiting = new HashMap<>();
    private final Set<Long> early = new HashSet<>(); // passed before their turn
    private long given;
    private long turn;
    private boolean telling;

    /** Returns the next number. */
    synchronized long take() {
        return given++;
    }

    /** Returns a Mono that completes when every smaller number has been passed. */
    Mono<Void> turnOf(long number) {
        return Mono.defer(() -> {
            synchronized (this) {
                return number == turn
                        ? Mono.empty()
                        : waiting.computeIfAbsent(number, none -> Sinks.empty()).asMono();
            }
        });
    }

    /** Notes that the piece of this number has been answered, or does not write. */
    void passed(long number) {
        synchronized (this) {
            early.add(number);
            if (telling) {
                return;
            }
            telling = true;
        }
        for (Sinks.Empty<Void> first = first(); first != null; first = first()) {
            first.tryEmitEmpty();
        }
    }

    private synchronized Sinks.@Nullable Empty<Void> first() {
        while (early.remove(turn)) {
            turn++;
        }
        Sinks.Empty<Void> sink = waiting.remove(turn);
        telling = sink != null;
        return sink;
    }
}
