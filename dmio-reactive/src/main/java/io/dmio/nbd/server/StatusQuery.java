package io.dmio.nbd.server;

import io.dmio.nbd.wire.RequestHeader;
import io.dmio.nbd.wire.Wire;
import io.dmio.nbd.wire.WireError;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A query for the status of a range.
 *
 * @param range the request, with the length of the range
 * @param contexts the contexts, as places in the export's list: all that were agreed, or those of them that the request names
 */
record StatusQuery(RequestHeader range, List<Integer> contexts) {

    /** Returns whether a payload has the length of a choice of contexts. */
    static boolean isPayload(long bytes, List<Integer> agreed) {
        long ids = (bytes - Long.BYTES) / Integer.BYTES;
        return bytes % Integer.BYTES == 0 && ids >= 1 && ids <= agreed.size();
    }

    /**
     * Returns why a choice of contexts is refused: it names a range that is not there, or contexts that were not agreed, or that come twice.
     *
     * @param payload as {@link Wire} draws it
     * @return null if it is not refused
     */
    static RequestRules.@Nullable Refusal refusal(RequestHeader request, ByteBuf payload, ServerTerms terms) {
        RequestHeader range = request.withLength(payload.getLong(0));
        if (range.length() == 0 || !range.isInside(terms.export().bytes())) {
            return invalid(range.length() + " bytes from " + range.offset() + " on are not there");
        }
        Set<Integer> before = new HashSet<>();
        for (int at = Long.BYTES; at < payload.capacity(); at += Integer.BYTES) {
            int id = payload.getInt(at);
            if (place(id, terms).isEmpty() || !before.add(id)) {
                return invalid("context " + Integer.toUnsignedString(id) + " was not agreed, or comes twice");
            }
        }
        return null;
    }

    /**
     * Reads a request that is not refused.
     *
     * @param payload null for all contexts
     */
    static StatusQuery of(RequestHeader request, @Nullable ByteBuf payload, ServerTerms terms) {
        if (payload == null) {
            return new StatusQuery(request, terms.contexts());
        }
        List<Integer> contexts = new ArrayList<>();
        for (int at = Long.BYTES; at < payload.capacity(); at += Integer.BYTES) {
            contexts.add(place(payload.getInt(at), terms).orElseThrow());
        }
        return new StatusQuery(request.withLength(payload.getLong(0)), contexts);
    }

    private static Optional<Integer> place(int id, ServerTerms terms) {
        return terms.contexts().stream()
                .filter(place -> ServerTerms.idOf(place) == id)
                .findFirst();
    }

    private static RequestRules.Refusal invalid(String why) {
        return new RequestRules.Refusal(WireError.EINVAL, why);
    }
}
