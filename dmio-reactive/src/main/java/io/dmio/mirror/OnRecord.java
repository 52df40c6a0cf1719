package io.dmio.mirror;

import io.dmio.DeviceException;
import io.dmio.mirror.disk.LegLayout;
import io.dmio.mirror.disk.Membership;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Changes what is recorded, and knows what of it is durable. Versions count changes; {@link #await} tells when one is on record
 * with all legs that take part.
 *
 * <p>Records go round one at a time, and one that some leg could not write is repeated as it was before another begins. So
 * legs that take part are never more than one record apart, and no two records of a generation differ. At a start of several, none goes
 * round before those that take part have the whole bitmap: one that fails may be the only one that has the newest of it. Owned by the mailbox.
 */
final class OnRecord {

    private final Legs legs;
    private final MirrorRuntime runtime;
    private final Roster roster;
    private final Bitmap bitmap;
    private final Retry again;
    private final long[] outVersions = new long[LegLayout.LEGS_MAX];
    private final List<Waiting> line = new ArrayList<>();
    private long version = 1;
    private long durableVersion;
    private int unsettled; // bit i: bits of leg i are clear, and that is not durable
    private @Nullable Round round; // begun, and not on all legs that take part
    private boolean writing;
    private boolean bitsFirst; // what is in mind of the bitmap may be on some leg alone

    private record Waiting(long version, Consumer<@Nullable DeviceException> told) {}

    private record Round(Membership membership, long version) {}

    OnRecord(Legs legs, Bitmap bitmap) {
        this.legs = legs;
        this.runtime = legs.runtime();
        this.roster = legs.roster();
        this.bitmap = bitmap;
        this.bitsFirst = Integer.bitCount(roster.membership().inMask()) > 1;
        this.again = new Retry(runtime::afterPause, this::write);
    }

    /** Writes the whole bitmap to all legs that take part; tells when that is durable, or with what it could not be made so. */
    void bits(Consumer<@Nullable DeviceException> told) {
        bitmap.planes().changeAll();
        bitmap.writer().await(problem -> {
            bitsFirst &= problem != null;
            told.accept(problem);
        });
    }

    /** Bits of a leg were cleared, which is not durable yet. */
    void cleared(Leg leg) {
        unsettled |= leg.bit();
    }

    /** All that was cleared is durable. */
    void settled() {
        unsettled = 0;
    }

    /** Whether all that was cleared of a leg is durable. */
    boolean isSettled(Leg leg) {
        return (unsettled & leg.bit()) == 0;
    }

    /** The version that must be durable before something that only these legs have is answered. */
    long versionWithout(int mask) {
        long needed = 0;
        for (int i = 0; i < outVersions.length; i++) {
            if ((mask >> i & 1) == 0) {
                needed = Math.max(needed, outVersions[i]);
            }
        }
        return runtime.options().keeps(Rule.RECORD_BEFORE_ANSWER) ? needed : 0;
    }

    boolean isDurable(long wanted) {
        return wanted <= durableVersion;
    }

    long version() {
        return version;
    }

    /** Changes what is recorded. */
    void change(Membership to) {
        roster.becomes(to);
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
        if (bitsFirst) {
            bits(this::wroteBits);
            return;
        }
        if (roster.behind().records() != 0) {
            SuperblockRound.toThoseBehind(legs, this::caughtUp).start();
            return;
        }
        Round next = round != null ? round : new Round(roster.nextGeneration(), version);
        round = next;
        new SuperblockRound(legs, next.membership, problem -> written(next, problem)).start();
    }

    private void wroteBits(@Nullable DeviceException problem) {
        writing = false;
        if (problem == null) {
            write();
        } else {
            again.later();
            tell(version, problem);
        }
    }

    private void caughtUp(@Nullable DeviceException problem) {
        writing = false;
        if (problem == null) {
            roster.is(roster.behind().withRecords());
            write();
        } else {
            again.later();
            tell(version, problem);
        }
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
        now.forEach(one -> runtime.tell(() -> one.told.accept(problem)));
    }
}
