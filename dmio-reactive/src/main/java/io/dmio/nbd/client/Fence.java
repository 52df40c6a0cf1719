package io.dmio.nbd.client;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Knows which lost connections may still do something at their server: those that owe answers to changes. While the fence is up, nothing is
 * sent over any other connection, or an old change could overwrite a newer one. Owned by the link's event loop.
 */
final class Fence {

    private final LinkOptions.LossRule rule;
    private final List<Lost> all = new ArrayList<>();
    private @Nullable UUID current; // the server that answered last

    private record Lost(ClientConnection connection, long sinceNanos) {
        @Nullable
        UUID instance() {
            return connection.agreement().instance();
        }
    }

    Fence(LinkOptions.LossRule rule) {
        this.rule = rule;
    }

    boolean isUp() {
        return !all.isEmpty();
    }

    /** Called when a connection is lost, with what it owes. */
    void lost(ClientConnection gone, long nanos) {
        all.add(new Lost(gone, nanos));
        look(nanos);
    }

    /** Returns a place that is neither among these nor a connection's: one whose last connection may still do something, else the first. */
    int freePlace(BitSet others, List<ClientConnection> live, int wanted) {
        BitSet taken = (BitSet) others.clone();
        live.forEach(one -> taken.set(one.place()));
        int first = taken.nextClearBit(0);
        for (int place = first; place < wanted; place = taken.nextClearBit(place + 1)) {
            if (isAt(place)) {
                return place;
            }
        }
        return first;
    }

    private boolean isAt(int place) {
        return all.stream().anyMatch(one -> one.connection.place() == place);
    }

    /** Called when a connection was made: a server of ours has made sure that nothing older in its place is under way. */
    void connected(ClientConnection fresh) {
        UUID server = fresh.agreement().instance();
        current = server;
        if (server != null) {
            remove(all.stream()
                    .filter(one -> server.equals(one.instance()) && one.connection.place() == fresh.place())
                    .toList());
        }
    }

    /** Looks which of the lost connections are known to do nothing any more. */
    void look(long nanos) {
        remove(all.stream().filter(one -> isDead(one, nanos)).toList());
    }

    /** Forgets all lost connections: nobody waits for them. */
    void giveUp() {
        remove(List.copyOf(all));
    }

    private boolean isDead(Lost one, long nanos) {
        return !one.connection.owesChanges()
                || (rule.believesClose() && one.connection.isClosedByServer() && !mayGoOn(one))
                || nanos - one.sinceNanos >= rule.grace().toNanos();
    }

    // A server of ours that closes a connection still finishes what was asked there; what a dead server had is over.
    private boolean mayGoOn(Lost one) {
        UUID server = one.instance();
        return server != null && server.equals(current);
    }

    private void remove(List<Lost> dead) {
        all.removeAll(dead);
        dead.forEach(one -> one.connection.hangUp());
    }
}
