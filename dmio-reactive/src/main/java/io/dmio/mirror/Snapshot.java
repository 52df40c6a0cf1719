package io.dmio.mirror;

import io.dmio.mirror.disk.LegLayout;
import io.dmio.mirror.disk.LegRecord;
import io.dmio.mirror.disk.Membership;
import io.dmio.mirror.disk.Planes;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Makes a {@link MirrorStatus} of a running mirror, in the mailbox. */
final class Snapshot {

    private Snapshot() {}

    static MirrorStatus of(Mirror mirror, @Nullable Scrub scrub, @Nullable ScrubReport lastScrub) {
        Membership membership = mirror.roster().membership();
        List<LegStatus> legs = new ArrayList<>();
        for (int i = 0; i < LegLayout.LEGS_MAX; i++) {
            if (!membership.leg(i).isFree()) {
                legs.add(leg(mirror, i, membership.leg(i)));
            }
        }
        return new MirrorStatus(
                membership.mirror(),
                membership.generation(),
                mirror.runtime().sectorCount(),
                mirror.runtime().chunkSectors(),
                legs,
                membership.chunkCount(),
                mirror.planes().count(Planes.DIRTY),
                FoundStatus.staleOfAny(mirror.planes(), membership),
                mirror.roster().isWritable(),
                mirror.owner().owner(),
                mirror.resync().progress(),
                Optional.ofNullable(scrub).map(Scrub::progress),
                Optional.ofNullable(lastScrub),
                mirror.runtime().events().last());
    }

    private static LegStatus leg(Mirror mirror, int index, LegRecord record) {
        Leg leg = mirror.roster().leg(index);
        long stale = mirror.planes().count(Planes.stale(index));
        String name = leg == null ? record.name() : leg.name();
        return new LegStatus(
                index,
                name,
                record.id(),
                state(mirror, leg),
                record.writeMostly(),
                stale,
                leg == null ? 0 : leg.lagSectors,
                leg == null ? LegErrors.NONE : leg.errors());
    }

    private static LegState state(Mirror mirror, @Nullable Leg leg) {
        if (leg == null) {
            return LegState.MISSING;
        }
        if (!leg.takesPart()) {
            return leg.life().getsMark() ? LegState.SYNCING : leg.outState;
        }
        return mirror.roster().isInSync(leg) ? LegState.IN_SYNC : LegState.SYNCING;
    }
}
