package io.dmio.mirror;

import io.dmio.DeviceException;
import io.dmio.Errno;
import io.dmio.mirror.LegRecord.State;
import io.dmio.mirror.MirrorEvent.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Who takes part, and that it is on record. Every change is a version; {@link #await} tells when a version is durable on all
 * legs that take part. Owned by the mailbox.
 *
 * <pre>
 *              join: bitmap to it, superblocks say IN
 *     OUT ────────────────────────────────────────────▶ IN   (stale chunks are resynced)
 *      ▲                                                 │
 *      └───────── fails, or is too slow: superblocks ────┘   (only while another leg has everything)
 *                 of the others say OUT, new lineage
 * </pre>
 */
final class Roster {

    private final Mirror mirror;
    private final @Nullable Leg[] legs = new Leg[MirrorOptions.LEGS_MAX];
    private final long[] outVersions = new long[MirrorOptions.LEGS_MAX];
    private final List<Waiting> line = new ArrayList<>();
    private List<Leg> present = List.of();
    private Membership membership;
    private long version = 1;
    private long durableVersion;
    private boolean writing;
    private boolean writable = true;

    private record Waiting(long version, Consumer<@Nullable DeviceException> told) {}

    Roster(Mirror mirror, Membership membership) {
        this.mirror = mirror;
        this.membership = membership;
    }

    Membership membership() {
        return membership;
    }

    /** Legs that have a device, whether they take part or not. */
    List<Leg> present() {
        return present;
    }

    @Nullable
    Leg leg(int index) {
        return legs[index];
    }

    void put(Leg leg) {
        legs[leg.index] = leg;
        refresh();
    }

    /** Legs that take part. */
    int inMask() {
        int mask = 0;
        for (Leg leg : present) {
            mask |= leg.in ? leg.bit() : 0;
        }
        return mask;
    }

    /** Legs that have a slot and get nothing. */
    int outMask() {
        int mask = 0;
        for (int i = 0; i < legs.length; i++) {
            Leg leg = legs[i];
            boolean in = leg != null && leg.in;
            mask |= in || membership.leg(i).isFree() ? 0 : 1 << i;
        }
        return mask;
    }

    /** Legs that take part and have everything that was ever acknowledged. */
    int completeMask() {
        int mask = 0;
        for (Leg leg : present) {
            mask |= isComplete(leg) ? leg.bit() : 0;
        }
        return mask;
    }

    /** Whether it takes part, and no chunk of it is stale, durably: else a crash would make it stale again. */
    boolean lacksNothing(Leg leg) {
        return leg.in && !leg.settling && mirror.planes().count(Planes.stale(leg.index)) == 0;
    }

    private boolean isComplete(Leg leg) {
        return lacksNothing(leg) && leg.lagSectors == 0;
    }

    /** Whether others could go on without a leg: one of them has everything. */
    boolean canSpare(Leg leg) {
        return (completeMask() & ~leg.bit()) != 0;
    }

    /** Empty if writes are taken, else why not. */
    @Nullable
    String refusesWrites() {
        int needed = membership.legsMin();
        int complete = needed == 1 ? 1 : Integer.bitCount(completeMask()); // asked for each write
        if (complete >= needed) {
            return null;
        }
        return "read-only: " + complete + " legs are in sync, and legsMin asks for " + needed;
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

    /** Tells when a version is durable, or with what it could not be made so. */
    void await(long wanted, Consumer<@Nullable DeviceException> told) {
        if (isDurable(wanted)) {
            told.accept(null);
        } else {
            line.add(new Waiting(wanted, told));
            write();
        }
    }

    /** Changes what is recorded. */
    void change(Membership to) {
        membership = to;
        version++;
        write();
    }

    /** A leg failed something. It is dropped if others can go on without it. */
    void failed(Leg leg, DeviceException why, boolean told) {
        if (told || !(leg.in || leg.joining)) {
            return; // that is known
        }
        if (leg.joining || canSpare(leg)) {
            out(leg, LegState.FAILED, why);
        }
    }

    /** A leg did not answer in time. It is dropped if others can go on without it. */
    void setAside(Leg leg) {
        if (leg.joining || (leg.in && canSpare(leg))) {
            leg.slow++;
            String seconds = mirror.options().legDeadlineNanos() / 1_000_000 + " ms";
            out(leg, LegState.SET_ASIDE, DeviceException.of(Errno.ETIMEDOUT, leg.name(), "no answer in " + seconds));
        }
    }

    /** From now on the leg gets every write; on record when told. Its stale bits are durable already. */
    void in(Leg leg, Consumer<@Nullable DeviceException> told) {
        leg.joining = false;
        leg.in = true;
        leg.joins++;
        leg.joinedNanos = mirror.nanos();
        LegRecord record = membership.leg(leg.index).with(State.IN).named(leg.name());
        change(membership.with(leg.index, record));
        await(version, told);
        lookAtWritable();
    }

    /** A leg's device is gone again; its slot stays. */
    void forget(Leg leg) {
        legs[leg.index] = null;
        refresh();
        leg.joining = false;
        leg.detachAll();
    }

    /** Takes a leg's slot away, in a new lineage. */
    void remove(int index) {
        Leg leg = legs[index];
        boolean tookPart = membership.leg(index).isIn();
        legs[index] = null;
        refresh();
        if (leg != null) {
            leg.in = false;
            leg.joining = false;
            leg.detachAll();
        }
        outVersions[index] = version + 1;
        change(
                tookPart
                        ? membership.drop(index, State.FREE, mirror.newLineage())
                        : membership.with(index, LegRecord.FREE));
        lookAtWritable();
    }

    /** Notes whether writes are taken, and tells if that changed. */
    void lookAtWritable() {
        String refusal = refusesWrites();
        if (writable != (refusal == null)) {
            writable = refusal == null;
            mirror.happened(
                    writable ? Kind.WRITABLE : Kind.READ_ONLY,
                    MirrorOptions.NOBODY,
                    refusal == null ? "enough legs are in sync: writes are taken again" : refusal);
        }
    }

    boolean isWritable() {
        return writable;
    }

    private void out(Leg leg, LegState state, DeviceException why) {
        boolean tookPart = leg.in;
        leg.in = false;
        leg.joining = false;
        leg.outState = state;
        if (tookPart) {
            mirror.planes().setAll(Planes.stale(leg.index), Planes.DIRTY);
            outVersions[leg.index] = version + 1;
            change(membership.drop(leg.index, State.OUT, mirror.newLineage()));
            Kind kind = state == LegState.SET_ASIDE ? Kind.LEG_SET_ASIDE : Kind.LEG_FAILED;
            mirror.happened(kind, leg.index, "leg " + leg.index + " is out: " + why.getMessage());
        }
        leg.detachAll();
        mirror.returns().later(leg);
        lookAtWritable();
        mirror.resync().look();
    }

    private void refresh() {
        List<Leg> there = new ArrayList<>();
        for (Leg leg : legs) {
            if (leg != null) {
                there.add(leg);
            }
        }
        present = List.copyOf(there);
    }

    private void write() {
        if (writing || durableVersion == version) {
            return;
        }
        writing = true;
        membership = membership.next();
        long recorded = version;
        new SuperblockRound(mirror, membership, problem -> written(recorded, problem)).start();
    }

    private void written(long recorded, @Nullable DeviceException problem) {
        writing = false;
        if (problem == null) {
            durableVersion = Math.max(durableVersion, recorded);
        } else {
            mirror.after(mirror.options().probeAfterNanos(), TimeUnit.NANOSECONDS, this::write);
        }
        tell(recorded, problem);
        if (version > recorded || !line.isEmpty()) {
            write();
        }
    }

    private void tell(long reached, @Nullable DeviceException problem) {
        List<Waiting> now = line.stream().filter(one -> one.version <= reached).toList();
        line.removeAll(now);
        now.forEach(one -> mirror.tell(() -> one.told.accept(problem)));
    }
}
