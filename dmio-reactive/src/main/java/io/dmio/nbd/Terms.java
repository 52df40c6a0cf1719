package io.dmio.nbd;

import java.util.List;

/**
 * What a handshake agreed on.
 *
 * @param export which is served
 * @param replies how answers look
 * @param contexts those that were chosen, as places in the export's list
 */
record Terms(NbdExport export, Replies replies, List<Integer> contexts) {

    /** What a context is called on the wire. */
    static int idOf(int place) {
        return place + 1;
    }
}
