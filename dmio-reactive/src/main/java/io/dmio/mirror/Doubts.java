package io.dmio.mirror;

import io.dmio.mirror.disk.Planes;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Chunks that only one leg has, and that it may show only from a cache, as it failed a flush. No later flush makes
 * durable what it had not flushed then, whatever it says; after a power cut the leg would hold what it held before. So
 * such a chunk stays dirty until another leg durably has it, and from then on the first leg lacks it. The chunk is not
 * written anew on its only leg, as a write that fails there would cost what else is in the chunk. Owned by the mailbox.
 */
final class Doubts {

    private final Roster roster;
    private final Planes planes;
    private final Map<Integer, Leg> only = new HashMap<>(); // by chunk

    Doubts(Roster roster, Planes planes) {
        this.roster = roster;
        this.planes = planes;
    }

    /** Notes that no other leg has the chunk, and that this one failed to flush it. */
    void doubt(int chunk, Leg leg) {
        only.put(chunk, leg);
    }

    /** Whether a good flush makes the chunk clean. */
    boolean mayBeClean(int chunk) {
        return !only.containsKey(chunk);
    }

    /** A doubt that is over, as another leg has the chunk: the first leg is to get it back, if it is still there. */
    record Settled(int chunk, Leg leg) {}

    /** Returns the doubts that are over, now that what was cleared is durable. */
    List<Settled> settled() {
        if (only.isEmpty()) {
            return List.of();
        }
        List<Settled> over = new ArrayList<>();
        only.forEach((chunk, leg) -> {
            if (roster.leg(leg.index) != leg || anotherHas(chunk, leg)) {
                over.add(new Settled(chunk, leg));
            }
        });
        over.forEach(one -> only.remove(one.chunk));
        return over;
    }

    private boolean anotherHas(int chunk, @Nullable Leg but) {
        return roster.present().stream()
                .anyMatch(leg -> leg != but && roster.isHolder(leg) && !planes.get(Planes.stale(leg.index), chunk));
    }
}
