package io.dmio.mirror;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Takes a {@link MirrorStatus}: of a running mirror, in the mailbox, or of what legs say of one that does not run. */
final class Snapshot {

    private Snapshot() {}

    static MirrorStatus of(Mirror mirror, @Nullable Scrub scrub, @Nullable ScrubReport lastScrub) {
        Membership membership = mirror.roster().membership();
        List<LegStatus> legs = new ArrayList<>();
        for (int i = 0; i < MirrorOptions.LEGS_MAX; i++) {
            if (!membership.leg(i).isFree()) {
                legs.add(leg(mirror, i, membership.leg(i)));
            }
        }
        return new MirrorStatus(
                membership.mirror(),
                membership.generation(),
                mirror.sectorCount(),
                mirror.chunkSectors(),
                legs,
                membership.chunkCount(),
                mirror.planes().count(Planes.DIRTY),
                staleOfAny(mirror.planes(), membership),
                mirror.roster().isWritable(),
                mirror.owner().owner(),
                mirror.resync().progress(),
                Optional.ofNullable(scrub).map(Scrub::progress),
                Optional.ofNullable(lastScrub),
                mirror.events().last());
    }

    static MirrorStatus of(Lineup lineup, Planes planes) {
        Membership membership = lineup.membership();
        List<LegStatus> legs = new ArrayList<>();
        for (int i = 0; i < MirrorOptions.LEGS_MAX; i++) {
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
            return leg.life() == LegLife.JOINING ? LegState.SYNCING : leg.outState;
        }
        return mirror.onRecord().lacksNothing(leg) ? LegState.IN_SYNC : LegState.SYNCING;
    }

    private static long staleOfAny(Planes planes, Membership membership) {
        BitSet any = new BitSet();
        for (int i = 0; i < MirrorOptions.LEGS_MAX; i++) {
            if (!membership.leg(i).isFree()) {
                planes.addTo(any, Planes.stale(i));
            }
        }
        return any.cardinality();
    }
}
