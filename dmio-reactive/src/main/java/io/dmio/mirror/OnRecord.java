package io.dmio.mirror;

import io.dmio.DeviceException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What is durable, and what may be done because of it: which version of the membership is on record, who may stand in for
 * others, who may be spared. Versions count changes; {@link #await} tells when one is on record with all legs that take part.
 *
 * <p>Records go round one at a time, and one that some leg could not write is repeated as it was before another begins. So
 * legs that take part are never more than one record apart, and no two records of a generation differ. Owned by the mailbox.
 */
final class OnRecord {

    private final Mirror mirror;
    private final Again again;
    private final long[] outVersions = new long[MirrorOptions.LEGS_MAX];
    private final List<Waiting> line = new ArrayList<>();
    private long version = 1;
    private long durableVersion;
    private int unsettled; // bit i: bits of leg i are clear, and that is not durable
    private @Nullable Round round; // begun, and not on all legs that take part
    private boolean writing;

    private record Waiting(long version, Consumer<@Nullable DeviceException> told) {}

    private record Round(Membership membership, long version) {}

    OnRecord(Mirror mirror) {
        this.mirror = mirror;
        this.again = new Again(mirror::afterPause, this::write);
    }

    /** Whether a leg takes part and has everything that was ever acknowledged, durably: it could stand in for all others. */
    boolean isComplete(Leg leg) {
        return isInSync(leg) && !mirror.repairs().isNoted(leg);
    }

    /** As above, but for a chunk that is being repaired. */
    boolean isInSync(Leg leg) {
        return lacksNothing(leg) && leg.lagSectors == 0;
    }

    /** As above, but for writes that it may lag behind with. */
    boolean lacksNothing(Leg leg) {
        return leg.life() == LegLife.IN_SYNC;
    }

    /** How many legs are in sync. */
    int inSyncCount() {
        int count = 0;
        for (Leg leg : mirror.roster().present()) {
            count += isInSync(leg) ? 1 : 0;
        }
        return count;
    }

    /** The legs that are complete. */
    int completeMask() {
        int mask = 0;
        for (Leg leg : mirror.roster().present()) {
            mask |= isComplete(leg) ? leg.bit() : 0;
        }
        return mask;
    }

    /** Whether the others could go on without a leg: one of them has everything, or nobody depends on it yet. */
    boolean canSpare(Leg leg) {
        return leg.life().isNew() || (completeMask() & ~leg.bit()) != 0;
    }

    /** Bits of a leg were cleared, which is not durable yet. */
    void cleared(Leg leg) {
        unsettled |= leg.bit();
    }

    /** All that was cleared is durable. */
    void settled() {
        unsettled = 0;
    }

    /** Whether a leg that is on record lacks nothing any more, durably. */
    boolean isWhole(Leg leg) {
        return leg.life() == LegLife.SYNCING
                && (unsettled & leg.bit()) == 0
                && mirror.owner().isMarked(leg)
                && mirror.planes().count(Planes.stale(leg.index)) == 0;
    }

    /** The version that must be durable before something that only these legs have is answered. */
    long versionWithout(int mask) {
        long needed = 0;
        for (int i = 0; i < outVersions.length; i++) {
            if ((mask >> i & 1) == 0) {
                needed = Math.max(needed, outVersions[i]);
            }
        }
        return mirror.options().keeps(Rule.RECORD_BEFORE_ANSWER) ? needed : 0;
    }

    boolean isDurable(long wanted) {
        return wanted <= durableVersion;
    }

    long version() {
        return version;
    }

    /** The membership changed. */
    void changed() {
        version++;
        write();
    }

    /** The change that comes now takes a leg out. */
    void leaves(int index) {
        outVersions[index] = version + 1;
    }

    /** Tells when a version is durable, or with what it could not be made so. */
    void await(long wanted, Consumer<@Nullable DeviceException> told) {
        if (isDurable(wanted)) {
            told.accept(null);
        } else {
            line.add(new Waiting(wanted, told));
            write();
        }
    }

    private void write() {
        if (writing || durableVersion == version) {
            return;
        }
        writing = true;
        if (round != null && !isWanted(round.membership)) {
            round = null;
        }
        Round next = round != null ? round : new Round(mirror.roster().nextGeneration(), version);
        round = next;
        new SuperblockRound(mirror, next.membership, problem -> written(next, problem)).start();
    }

    // Whether any leg takes part that it is for; those that may have it else are out.
    private boolean isWanted(Membership membership) {
        return mirror.roster().present().stream()
                .anyMatch(leg -> leg.takesPart() && !membership.leg(leg.index).isFree());
    }

    private void written(Round which, @Nullable DeviceException problem) {
        writing = false;
        if (problem == null) {
            durableVersion = Math.max(durableVersion, which.version);
            round = null;
            write();
        } else {
            again.later();
        }
        tell(problem == null ? which.version : version, problem);
    }

    private void tell(long reached, @Nullable DeviceException problem) {
        List<Waiting> now = line.stream().filter(one -> one.version <= reached).toList();
        line.removeAll(now);
        now.forEach(one -> mirror.tell(() -> one.told.accept(problem)));
    }
}
