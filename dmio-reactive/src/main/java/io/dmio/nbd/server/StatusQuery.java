package io.dmio.nbd.server;

import io.dmio.DeviceException;
import io.dmio.Errno;
import io.dmio.nbd.wire.Request;
import io.dmio.nbd.wire.Wire;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a client wants to know the status of.
 *
 * @param range the request, its length being that of the range
 * @param contexts places in the export's list: all that were agreed, or those of them that the request names
 */
record StatusQuery(Request range, List<Integer> contexts) {

    /** Whether a payload has the length of a choice of contexts. */
    static boolean isPayload(long bytes, List<Integer> agreed) {
        long ids = (bytes - Long.BYTES) / Integer.BYTES;
        return bytes % Integer.BYTES == 0 && ids >= 1 && ids <= agreed.size();
    }

    /**
     * Reads a request.
     *
     * @param payload as {@link Wire} draws it; null for all contexts
     * @throws DeviceException EINVAL for a range that is not there, and for contexts that were not agreed, or come twice
     */
    static StatusQuery of(Request request, @Nullable ByteBuf payload, Terms terms) {
        if (payload == null) {
            return new StatusQuery(request, terms.contexts());
        }
        Request range = request.withLength(payload.getLong(0));
        if (range.length() == 0 || !range.isInside(terms.export().bytes())) {
            throw invalid(terms, range.length() + " bytes from " + range.offset() + " on are not there");
        }
        List<Integer> contexts = new ArrayList<>();
        for (int at = Long.BYTES; at < payload.capacity(); at += Integer.BYTES) {
            contexts.add(place(payload.getInt(at), terms, contexts));
        }
        return new StatusQuery(range, contexts);
    }

    private static int place(int id, Terms terms, List<Integer> before) {
        for (int place : terms.contexts()) {
            if (Terms.idOf(place) == id && !before.contains(place)) {
                return place;
            }
        }
        throw invalid(terms, "context " + Integer.toUnsignedString(id) + " was not agreed, or comes twice");
    }

    private static DeviceException invalid(Terms terms, String why) {
        return DeviceException.of(Errno.EINVAL, terms.export().name(), why);
    }
}
