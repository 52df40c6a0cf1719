package io.dmio.nbd;

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
record Terms(
        Export export,
        Replies replies,
        List<Integer> contexts,
        @Nullable SessionId session) {

    /** What a context is called on the wire. */
    static int idOf(int place) {
        return place + 1;
    }
}
