package io.dmio.nbd;

import java.util.List;

/**
 * What a handshake agreed on.
 *
 * @param export which is served
 * @param replies how answers look
 * @param contexts those that were chosen, as places in the export's list; the id of a context is its place plus one
 */
record Terms(NbdExport export, Replies replies, List<Integer> contexts) {}
