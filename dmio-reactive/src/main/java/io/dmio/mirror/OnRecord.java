package io.dmio.mirror;

import io.dmio.DeviceException;
import io.dmio.mirror.disk.LegLayout;
import io.dmio.mirror.disk.Membership;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Changes what is recorded, and knows which changes are durable. Each change has a version; {@link #await} calls back
 * when a version is on record with all legs that take part.
 *
 * <p>Records are written one at a time, and a record that some leg could not write is repeated unchanged before another begins. So legs that
 * take part are never more than one record apart, and no two records of a generation differ. If a mirror starts with several legs, no record is
 * written before all that take part have the whole bitmap: a leg that fails may be the only one with the newest of the bitmap. Owned by the
 * mailbox.
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
    private int unsettled; // bit i: bits of leg i were cleared, and that is not durable yet
    private @Nullable Round round; // begun, and not yet on all legs that take part
    private boolean writing;
    private boolean bitsFirst; // the newest of the bitmap may be on a single leg

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

    /** Writes the whole bitmap to all legs that take part; calls back with null once it is durable there, otherwise with the failure. */
    void bits(Consumer<@Nullable DeviceException> told) {
        bitmap.planes().changeAll();
        bitmap.writer().await(problem -> {
            bitsFirst &= problem != null;
            told.accept(problem);
        });
    }

    /** Notes that bits of a leg were cleared, which is not durable yet. */
    void cleared(Leg leg) {
        unsettled |= leg.bit();
    }

    /** Notes that everything that was cleared is durable. */
    void settled() {
        unsettled = 0;
    }

    /** Whether everything that was cleared of a leg is durable. */
    boolean isSettled(Leg leg) {
        return (unsettled & leg.bit()) == 0;
    }

    /** Returns the version that must be durable before anything that only these legs have is answered. */
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

    /** Changes what is recorded, and writes it. */
    void change(Membership to) {
        roster.becomes(to);
        version++;
        write();
    }

    /** Notes that the next change takes a leg out. */
    void leaves(int index) {
        outVersions[index] = version + 1;
    }

    /** Calls back with null once a version is durable, or with the failure if it could not be written. */
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
