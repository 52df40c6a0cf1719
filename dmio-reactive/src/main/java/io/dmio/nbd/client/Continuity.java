package io.dmio.nbd.client;

import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Whether the server is the one it was, and what one that is not may have forgotten. A server of ours shows by its instance that
 * it is the same; of any other nothing is known once a connection to it was lost. Owned by the link's event loop, but for
 * {@link #pin}.
 *
 * <p>What was answered and not flushed may be gone with a server that lost its memory. So the next flush fails if anything was
 * not flushed before, and with it all that were asked for until then, as nobody had been told.
 */
final class Continuity {

    private @Nullable UUID instance;
    private boolean unproven; // a connection to a server without an instance was lost, and none made since
    private volatile boolean pinned;
    private volatile long pinnedNanos;
    private boolean changed; // at least once
    private long changedNanos; // the last time
    private boolean accepted = true; // somebody pinned it since
    private long answered; // changes that a flush has to make durable
    private long flushed; // of these
    private boolean doubtful; // what was answered and not flushed may be gone
    private long toldNanos; // when that was told last

    /**
     * From the first connection on.
     *
     * @param instance of the server, or null
     * @param nanos before anybody asks for anything
     */
    Continuity(@Nullable UUID instance, long nanos) {
        this.instance = instance;
        this.toldNanos = nanos;
    }

    /** From any thread: who asks from now on has looked at what there is now, or will. */
    void pin(long nanos) {
        pinnedNanos = nanos;
        pinned = true;
    }

    /** A connection is lost. */
    void lost(ClientConnection gone) {
        if (gone.agreement().instance() == null) {
            unproven = true;
            doubt();
        }
    }

    /** A connection was made. */
    void connected(ClientConnection fresh, long nanos) {
        UUID server = fresh.agreement().instance();
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

    /** Whether a request was asked by somebody who means another server than the one there is now. */
    boolean isStale(ClientRequest request) {
        if (!pinned || !changed) {
            return false;
        }
        long since = pinnedNanos;
        if (!accepted && since - changedNanos > 0) {
            accepted = true;
            flushed = answered; // whoever pinned it looks what is there
            doubtful = false;
        }
        return !accepted || request.startNanos - since < 0;
    }

    /** How many changes are answered: a flush that is sent now covers them. */
    long answered() {
        return answered;
    }

    /** A change was answered, and not forced. */
    void changed() {
        answered++;
    }

    /** Whether a flush that was answered well may say so. */
    boolean isFlushed(ClientRequest flush, long nanos) {
        if (doubtful) {
            doubtful = false;
            flushed = answered; // they are given up, and this says so, as do all flushes asked for until now
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
