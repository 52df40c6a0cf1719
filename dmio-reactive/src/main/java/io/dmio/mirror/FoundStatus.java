package io.dmio.mirror;

import io.dmio.mirror.disk.LegLayout;
import io.dmio.mirror.disk.LegRecord;
import io.dmio.mirror.disk.Membership;
import io.dmio.mirror.disk.Planes;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Makes a {@link MirrorStatus} from what legs say about a mirror that does not run. */
final class FoundStatus {

    private FoundStatus() {}

    static MirrorStatus of(Lineup lineup, Planes planes) {
        Membership membership = lineup.membership();
        List<LegStatus> legs = new ArrayList<>();
        for (int i = 0; i < LegLayout.LEGS_MAX; i++) {
            LegRecord record = membership.leg(i);
            if (!record.isFree()) {
                if (!record.isIn()) {
                    Assembly.lacks(record, i, planes);
                }
                long stale = planes.count(Planes.stale(i));
                LegDisk disk = lineup.disks().get(i);
                String name = disk == null ? record.name() : disk.name();
                LegState state = state(disk, record, stale);
                legs.add(new LegStatus(i, name, record.id(), state, record.writeMostly(), stale, 0, LegErrors.NONE));
            }
        }
        long complete =
                legs.stream().filter(leg -> leg.state() == LegState.IN_SYNC).count();
        return new MirrorStatus(
                membership.mirror(),
                membership.generation(),
                membership.dataSectors(),
                membership.chunkSectors(),
                legs,
                membership.chunkCount(),
                planes.count(Planes.DIRTY),
                staleOfAny(planes, membership),
                membership.legsMin() == 1 || complete >= membership.legsMin(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                List.of());
    }

    private static LegState state(@Nullable LegDisk disk, LegRecord record, long stale) {
        if (disk == null) {
            return LegState.MISSING;
        }
        return !record.isIn() ? LegState.FAILED : stale == 0 ? LegState.IN_SYNC : LegState.SYNCING;
    }

    /** How many chunks some leg lacks. */
    static long staleOfAny(Planes planes, Membership membership) {
        BitSet any = new BitSet();
        for (int i = 0; i < LegLayout.LEGS_MAX; i++) {
            if (!membership.leg(i).isFree()) {
                planes.addTo(any, Planes.stale(i));
            }
        }
        return any.cardinality();
    }
}
