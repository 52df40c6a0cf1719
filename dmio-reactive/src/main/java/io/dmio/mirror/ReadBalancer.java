package io.dmio.mirror;

import io.dmio.mirror.disk.Planes;
import org.jspecify.annotations.Nullable;

/**
 * Chooses the leg for a read: the one where a sequential stream goes on, otherwise the one with the least in flight, and of equals the one that
 * has served less. Legs marked write-mostly are chosen only if there is no other. Owned by the mailbox.
 */
final class ReadBalancer {

    private static final int STREAM_LEAD_MAX = 4; // a stream leaves its leg when that has this many more in flight

    private final MirrorSettings options;
    private final Roster roster;
    private final Planes planes;
    private final ChunkTable chunks;

    ReadBalancer(MirrorSettings options, Roster roster, Planes planes, ChunkTable chunks) {
        this.options = options;
        this.roster = roster;
        this.planes = planes;
        this.chunks = chunks;
    }

    /**
     * Picks a leg that has the range.
     *
     * @param not bit i: leg i was asked already
     * @return the leg; null if there is none
     */
    @Nullable
    Leg pick(long sector, long count, int not) {
        Leg best = null;
        long bestScore = Long.MAX_VALUE;
        for (Leg leg : roster.present()) {
            if ((not & leg.bit()) == 0 && has(leg, sector, count)) {
                long score = score(leg, sector);
                if (score < bestScore || (score == bestScore && best != null && leg.reads < best.reads)) {
                    best = leg;
                    bestScore = score;
                }
            }
        }
        return best;
    }

    /** Whether a leg may be read in this range. */
    boolean has(Leg leg, long sector, long count) {
        if (!leg.takesPart() || leg.lagSectors != 0) {
            return false;
        }
        int plane = Planes.stale(leg.index);
        if (planes.count(plane) == 0 || !options.keeps(Rule.NO_STALE_READ)) {
            return true;
        }
        int stale = planes.next(plane, chunks.chunkOf(sector));
        return stale < 0 || stale > chunks.lastChunkOf(sector, count);
    }

    private long score(Leg leg, long sector) {
        boolean streams = leg.nextReadSector == sector && sector != 0;
        long score = streams ? 2L * Math.max(0, leg.inFlight() - STREAM_LEAD_MAX) : 2L * leg.inFlight() + 1;
        return roster.membership().leg(leg.index).writeMostly() ? score + (1L << 32) : score;
    }
}
