package io.dmio.nbd.client;

import io.netty.util.collection.LongObjectHashMap;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What a connection was asked and has not answered, by cookie. Whoever is not waited for any more leaves a ghost, which takes the
 * answer that comes too late. Owned by the connection's event loop.
 */
final class InFlight {

    private final LongObjectHashMap<ClientRequest> all = new LongObjectHashMap<>();
    private long cookie;

    @Nullable
    ClientRequest get(long its) {
        return all.get(its);
    }

    /** A cookie that no request had. */
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

    /** Those that somebody waits for still, and that are so. */
    List<ClientRequest> waitedFor(Predicate<ClientRequest> so) {
        return all.values().stream()
                .filter(request -> !request.isGhost && so.test(request))
                .toList();
    }

    /** Nobody waits for it any more. */
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

    /** Whether a channel has memory of some of them still. */
    boolean holdsPayloads() {
        for (ClientRequest request : all.values()) {
            if (request.payloadsHeld != 0) {
                return true;
            }
        }
        return false;
    }

    /** When the one was sent that waits longest; {@link Long#MAX_VALUE} if there is none. */
    long oldestNanos() {
        long oldest = Long.MAX_VALUE;
        for (ClientRequest request : all.values()) {
            oldest = Math.min(oldest, request.sentNanos);
        }
        return oldest;
    }
}
