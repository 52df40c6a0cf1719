package io.dmio.nbd.client;

import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Tracks whether the server is still the same one, and what another one may have forgotten. A server of ours proves by its instance that it
 * is the same; of any other server nothing is known once a connection to it was lost. Owned by the link's event loop, but for {@link #pin}.
 *
 * <p>If a server lost its memory, what was answered and not flushed may be gone. So the next flush fails if anything was not flushed before,
 * and with it all flushes asked for until then, as nobody had been told.
 */
final class Continuity {

    private @Nullable UUID instance;
    private boolean unproven; // a connection to a server without an instance was lost, and none made since
    private volatile boolean pinned;
    private volatile long pinnedNanos;
    private boolean changed; // at least once
    private long changedNanos; // the last time
    private boolean accepted = true; // somebody pinned the server since
    private long answered; // changes that a flush has to make durable
    private long flushed; // of these
    private boolean doubtful; // what was answered and not flushed may be gone
    private long toldNanos; // when that was told last

    /**
     * Starts with the first connection.
     *
     * @param instance the server's instance, or null
     * @param nanos the time, before anybody asks for anything
     */
    Continuity(@Nullable UUID instance, long nanos) {
        this.instance = instance;
        this.toldNanos = nanos;
    }

    /** Pins the server: callers that ask from now on have looked at what is there now, or will. From any thread. */
    void pin(long nanos) {
        pinnedNanos = nanos;
        pinned = true;
    }

    /** Called when a connection is lost. */
    void lost(ClientConnection gone) {
        if (gone.agreement().instance() == null) {
            unproven = true;
            doubt();
        }
    }

    /** Called when a connection was made, with those that are there; drops these if they are to another server. */
    void connected(ClientConnection fresh, List<ClientConnection> live, long nanos) {
        UUID server = fresh.agreement().instance();
        for (ClientConnection other : live) {
            if (!Objects.equals(other.agreement().instance(), server)) {
                other.drop("another server answers in its place");
            }
        }
        boolean same = server == null ? instance == null && !unproven : server.equals(instance);
        if (!same) {
            doubt();
            changed = true;
            changedNanos = nanos;
            accepted = false;
        }
        instance = server;
        unproven = false;
    }

    /** Returns whether a request is meant for another server than the one that is there now. */
    boolean isStale(ClientRequest request) {
        if (!pinned || !changed) {
            return false;
        }
        long since = pinnedNanos;
        if (!accepted && since - changedNanos > 0) {
            accepted = true;
            flushed = answered; // the caller that pinned it looks at what is there
            doubtful = false;
        }
        return !accepted || request.startNanos - since < 0;
    }

    /** Returns how many changes are answered: a flush that is sent now covers them. */
    long answered() {
        return answered;
    }

    /** Called when a change was answered, and not forced. */
    void changed() {
        answered++;
    }

    /** Returns whether a flush that the server answered with success may succeed. */
    boolean isFlushed(ClientRequest flush, long nanos) {
        if (doubtful) {
            doubtful = false;
            flushed = answered; // given up: this flush says so, and so do all asked for until now
            toldNanos = nanos;
        }
        if (flush.startNanos - toldNanos <= 0) {
            return false;
        }
        flushed = Math.max(flushed, flush.covers);
        return true;
    }

    private void doubt() {
        doubtful |= answered > flushed;
    }
}
