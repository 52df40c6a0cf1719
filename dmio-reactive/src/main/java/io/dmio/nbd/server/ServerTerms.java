package io.dmio.nbd.server;

import io.dmio.nbd.wire.ReplyFormat;
import io.dmio.nbd.wire.SessionId;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a handshake agreed on.
 *
 * @param export the export that is served
 * @param replies the form of answers
 * @param contexts the contexts that were chosen, as places in the export's list
 * @param session what the client says about the connection; null if nothing
 */
record ServerTerms(
        Export export,
        ReplyFormat replies,
        List<Integer> contexts,
        @Nullable SessionId session) {

    /** Returns whether headers have 64-bit lengths. */
    boolean isExtended() {
        return replies == ReplyFormat.EXTENDED;
    }

    /** Returns the id of a context on the wire. */
    static int idOf(int place) {
        return place + 1;
    }
}
