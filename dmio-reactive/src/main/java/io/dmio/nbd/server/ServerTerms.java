package io.dmio.nbd.server;

import io.dmio.nbd.wire.ReplyFormat;
import io.dmio.nbd.wire.SessionId;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a handshake agreed on.
 *
 * @param export which is served
 * @param replies how answers look
 * @param contexts those that were chosen, as places in the export's list
 * @param session what the client says of the connection; null if nothing
 */
record ServerTerms(
        Export export,
        ReplyFormat replies,
        List<Integer> contexts,
        @Nullable SessionId session) {

    /** Whether headers have 64-bit lengths. */
    boolean isExtended() {
        return replies == ReplyFormat.EXTENDED;
    }

    /** What a context is called on the wire. */
    static int idOf(int place) {
        return place + 1;
    }
}
