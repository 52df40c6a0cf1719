package io.dmio.nbd.server;

import io.dmio.concurrent.Deferred;
import io.dmio.nbd.wire.SessionId;
import io.netty.channel.Channel;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * Knows what has to be over before a session begins, so that nothing that a client gave up can overwrite what it does next. When a client
 * connects again in a place, its older connection there is closed; and the session waits for what that connection, or any closed one, left in
 * flight on the device. Only for clients that say who they are; others begin at once. Any thread.
 */
@SuppressWarnings("FutureReturnValueIgnored") // of a close that is waited for in another way
final class Predecessors {

    private final Function<Channel, Mono<Void>> over; // when a closed connection has nothing in flight any more
    private final List<Entry> entries = new ArrayList<>(); // guarded by this

    private record Entry(Channel channel, @Nullable SessionId id, ExportIo io) {
        boolean isReplacedBy(SessionId newer) {
            return id != null && newer.isInPlaceOf(id);
        }
    }

    Predecessors(Function<Channel, Mono<Void>> over) {
        this.over = over;
    }

    /**
     * Called when a connection is about to begin.
     *
     * @param id what the client says about the connection; null if nothing
     * @return a Mono that completes when it may begin; errors with an {@link IllegalStateException} if a newer one is in its place
     */
    Mono<Void> enter(Channel channel, @Nullable SessionId id, ExportIo io) {
        List<Entry> before;
        synchronized (this) {
            before = id == null ? List.of() : before(id, io);
            if (before.stream().anyMatch(other -> other.id != null && isNewer(other.id, id))) {
                return Mono.error(new IllegalStateException("a newer connection has taken the place of " + id));
            }
            entries.add(new Entry(channel, id, io));
        }
        gone(channel).doFinally(end -> leave(channel)).subscribe();
        for (Entry other : before) {
            other.channel.close(); // if it is still open
        }
        return Mono.when(before.stream().map(other -> gone(other.channel)).toList());
    }

    private List<Entry> before(SessionId id, ExportIo io) {
        return entries.stream()
                .filter(other -> other.isReplacedBy(id) || (other.io.equals(io) && !other.channel.isOpen()))
                .toList();
    }

    private static boolean isNewer(SessionId other, @Nullable SessionId id) {
        return id != null && other.isInPlaceOf(id) && other.epoch() >= id.epoch();
    }

    private synchronized void leave(Channel channel) {
        entries.removeIf(entry -> entry.channel.equals(channel));
    }

    private Mono<Void> gone(Channel channel) {
        return Mono.<Void>create(sink -> channel.closeFuture().addListener(closed -> sink.success()))
                .then(Deferred.mono(() -> over.apply(channel)));
    }
}
