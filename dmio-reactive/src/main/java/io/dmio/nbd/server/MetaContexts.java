package io.dmio.nbd.server;

import io.dmio.nbd.wire.Wire;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The metadata contexts that a client chose for one export; choosing again replaces them. */
final class MetaContexts {

    private @Nullable Export chosenFor;
    private List<Integer> chosen = List.of();

    void clear() {
        chosenFor = null;
        chosen = List.of();
    }

    /** Chooses contexts by full names; unknown names are ignored. */
    List<Integer> choose(Export export, List<String> queries) {
        chosenFor = export;
        chosen = matching(export, queries, false);
        return chosen;
    }

    /** Returns what was chosen, if it was for this export. */
    List<Integer> of(Export export) {
        return export.equals(chosenFor) ? chosen : List.of();
    }

    /** Returns the contexts that queries match: all without a query; a namespace with its colon matches all of that namespace. */
    static List<Integer> listed(Export export, List<String> queries) {
        return matching(export, queries.isEmpty() ? List.of(":") : queries, true);
    }

    /** Reads queries: their number, then a length and a text for each; null if they do not fit. */
    static @Nullable List<String> queries(ByteBuf data) {
        if (data.readableBytes() < Integer.BYTES) {
            return null;
        }
        long count = data.readUnsignedInt();
        List<String> queries = new ArrayList<>();
        for (long i = 0; i < count; i++) {
            if (data.readableBytes() < Integer.BYTES) {
                return null;
            }
            long length = data.readUnsignedInt();
            if (length > data.readableBytes() || length > Wire.STRING_BYTES_MAX) {
                return null;
            }
            queries.add(Wire.readString(data, (int) length));
        }
        return data.isReadable() ? null : queries;
    }

    private static List<Integer> matching(Export export, List<String> queries, boolean namespaces) {
        List<Integer> places = new ArrayList<>();
        for (int place = 0; place < export.contexts().size(); place++) {
            String name = export.contexts().get(place).name();
            String namespace = name.substring(0, name.indexOf(':') + 1);
            boolean asked =
                    queries.contains(name) || (namespaces && (queries.contains(namespace) || queries.contains(":")));
            if (asked) {
                places.add(place);
            }
        }
        return places;
    }
}
