package io.dmio.nbd.client;

import io.netty.util.collection.LongObjectHashMap;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The requests that a connection has not answered, by cookie. A request that nobody waits for any more is replaced by a ghost, which takes
 * the late answer. Owned by the connection's event loop.
 */
final class InFlight {

    private final LongObjectHashMap<ClientRequest> all = new LongObjectHashMap<>();
    private long cookie;

    @Nullable
    ClientRequest get(long its) {
        return all.get(its);
    }

    /** Returns a cookie that no request had. */
    long nextCookie() {
        return ++cookie;
    }

    void add(ClientRequest request) {
        request.cookie = nextCookie();
        all.put(request.cookie, request);
    }

    void remove(ClientRequest request) {
        all.remove(request.cookie);
    }

    int count() {
        return all.size();
    }

    List<ClientRequest> all() {
        return new ArrayList<>(all.values());
    }

    /** Returns the requests that somebody still waits for and that match. */
    List<ClientRequest> waitedFor(Predicate<ClientRequest> so) {
        return all.values().stream()
                .filter(request -> !request.isGhost && so.test(request))
                .toList();
    }

    /** Replaces a request, which nobody waits for any more, by a ghost. */
    void leave(ClientRequest request) {
        all.put(request.cookie, request.ghost());
    }

    boolean owesChanges() {
        for (ClientRequest request : all.values()) {
            if (request.command.changes()) {
                return true;
            }
        }
        return false;
    }

    /** Returns whether a channel still has memory of some requests. */
    boolean holdsPayloads() {
        for (ClientRequest request : all.values()) {
            if (request.payloadsHeld != 0) {
                return true;
            }
        }
        return false;
    }

    /** Returns when the longest waiting request was sent; {@link Long#MAX_VALUE} if there is none. */
    long oldestNanos() {
        long oldest = Long.MAX_VALUE;
        for (ClientRequest request : all.values()) {
            oldest = Math.min(oldest, request.sentNanos);
        }
        return oldest;
    }
}
