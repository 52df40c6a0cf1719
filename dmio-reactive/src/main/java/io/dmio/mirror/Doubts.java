package io.dmio.mirror;

import io.dmio.mirror.disk.Planes;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Chunks that one leg alone has, and may show from a cache only: it failed a flush. What it had not flushed then no later flush makes
 * durable, whatever it says; after a power cut the leg would hold what it held before. So such a chunk stays dirty until another leg
 * has it, durably, and from then on it is the first that lacks it. It is not written anew on its only leg, as a write that fails there
 * would cost what else is in the chunk. Owned by the mailbox.
 */
final class Doubts {

    private final Roster roster;
    private final Planes planes;
    private final Map<Integer, Leg> only = new HashMap<>(); // by chunk

    Doubts(Roster roster, Planes planes) {
        this.roster = roster;
        this.planes = planes;
    }

    /** No other leg has the chunk, and this one failed to flush it. */
    void doubt(int chunk, Leg leg) {
        only.put(chunk, leg);
    }

    /** Whether a flush that was good makes the chunk clean. */
    boolean mayBeClean(int chunk) {
        return !only.containsKey(chunk);
    }

    /** A doubt that is over, as another leg has the chunk: the leg is to get it back, if it is there still. */
    record Settled(int chunk, Leg leg) {}

    /** What was cleared is durable: the doubts that this ended. */
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
