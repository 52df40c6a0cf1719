package io.dmio.mirror;

import io.dmio.mirror.disk.Planes;
import java.util.HashMap;
import java.util.Map;

/**
 * Chunks that legs are noted to lack although they have them, because something is being written there to these legs
 * alone, or was a moment ago ({@link Repairs}). A note counts until the leg leaves. Owned by the mailbox.
 */
final class NotedChunks {

    private final Map<Place, Integer> joins = new HashMap<>(); // the leg's joins when it was noted

    /** A chunk of a leg: of this one, and not of another leg that has its slot later. */
    private record Place(int chunk, Leg leg) {}

    void note(Leg leg, int chunk) {
        joins.put(new Place(chunk, leg), leg.joins);
    }

    /** Whether a leg has a chunk although it is noted to lack it. */
    boolean isNoted(Leg leg, int chunk) {
        return leg.takesPart() && Integer.valueOf(leg.joins).equals(joins.get(new Place(chunk, leg)));
    }

    /** Whether a leg is noted to lack any chunk for the time being. */
    boolean isNoted(Leg leg) {
        return !joins.isEmpty()
                && leg.takesPart()
                && joins.entrySet().stream()
                        .anyMatch(each -> each.getKey().leg.equals(leg) && each.getValue() == leg.joins);
    }

    /** Forgets a note, as the leg does lack the chunk; returns whether there was one. */
    boolean forget(Leg leg, int chunk) {
        return joins.remove(new Place(chunk, leg)) != null;
    }

    /**
     * Forgets notes of chunks whose stale bit is clear: all that was cleared is durable, so the leg has the chunk. Returns whether any was
     * noted.
     */
    boolean forgetCleared(Planes planes) {
        return joins.keySet().removeIf(place -> !planes.get(Planes.stale(place.leg.index), place.chunk));
    }
}
