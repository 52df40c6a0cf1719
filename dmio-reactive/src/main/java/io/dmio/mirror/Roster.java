package io.dmio.mirror;

import io.dmio.DeviceException;
import io.dmio.Errno;
import io.dmio.mirror.LegRecord.State;
import io.dmio.mirror.MirrorEvent.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Who takes part, and the changes of that: each goes to {@link OnRecord}. What a leg is, is its {@link LegLife}. Owned by the
 * mailbox.
 */
final class Roster {

    private final Mirror mirror;
    private final @Nullable Leg[] legs = new Leg[MirrorOptions.LEGS_MAX];
    private final @Nullable Removal[] leaving = new Removal[MirrorOptions.LEGS_MAX];
    private List<Leg> present = List.of();
    private Membership membership;
    private boolean writable = true;

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
            mask |= leg.takesPart() ? leg.bit() : 0;
        }
        return mask;
    }

    /** How many legs have a slot, also if they are missing. */
    int slots() {
        return (int) membership.legs().stream().filter(leg -> !leg.isFree()).count();
    }

    /** Legs that have a slot and get nothing. */
    int outMask() {
        int mask = 0;
        for (int i = 0; i < legs.length; i++) {
            Leg leg = legs[i];
            boolean in = leg != null && leg.takesPart();
            mask |= in || membership.leg(i).isFree() ? 0 : 1 << i;
        }
        return mask;
    }

    /** Empty if writes are taken, else why not. */
    @Nullable
    String refusesWrites() {
        int needed = membership.legsMin();
        int complete = needed == 1 ? 1 : mirror.onRecord().inSyncCount(); // asked for each write
        if (complete >= needed) {
            return null;
        }
        return "read-only: " + complete + " legs are in sync, and legsMin asks for " + needed;
    }

    /** Changes what is recorded. */
    void change(Membership to) {
        membership = to;
        mirror.onRecord().changed();
    }

    /** What is recorded next: as it is now, without legs that are being taken out, and a generation later. */
    Membership nextGeneration() {
        membership = membership.next();
        Membership recorded = membership;
        for (int i = 0; i < leaving.length; i++) {
            recorded = leaving[i] == null ? recorded : recorded.with(i, LegRecord.FREE);
        }
        return recorded;
    }

    /** A leg failed something. It is dropped if others can go on without it. */
    void failed(Leg leg, DeviceException why, boolean told) {
        boolean blameless = mirror.owner().caused(why) && !leg.life().isNew();
        if (told || !leg.life().getsBitmap() || blameless || mirror.owner().lost() != null) {
            return; // that is known, or no fault of the leg's
        }
        if (mirror.onRecord().canSpare(leg)) {
            out(leg, LegState.FAILED, why);
        }
    }

    /** A leg did not answer in time. It is dropped if others can go on without it. */
    void setAside(Leg leg) {
        if (leg.life().getsBitmap()
                && mirror.onRecord().canSpare(leg)
                && mirror.owner().lost() == null) {
            leg.slow++;
            out(leg, LegState.SET_ASIDE, leg.noAnswer());
        }
    }

    /** From now on the leg gets every write; on record when told. Its stale bits are durable already. */
    void in(Leg leg, Consumer<@Nullable DeviceException> told) {
        leg.happens(LegLife.Event.NOTED);
        leg.joinedNanos = mirror.nanos();
        LegRecord record = membership.leg(leg.index).with(State.IN).named(leg.name());
        change(membership.with(leg.index, record));
        mirror.onRecord().await(mirror.onRecord().version(), told);
        lookAtWritable();
    }

    /** A leg's device is gone again; its slot stays. */
    void forget(Leg leg) {
        legs[leg.index] = null;
        refresh();
        leg.happens(LegLife.Event.DROPPED);
        mirror.repairs().next();
        leg.detachAll();
    }

    /** A leg that never was in goes, and its slot is free. */
    void vacate(Leg leg) {
        forget(leg);
        change(membership.with(leg.index, LegRecord.FREE));
        mirror.onRecord().await(mirror.onRecord().version(), problem -> {
            if (problem == null && membership.leg(leg.index).isFree()) {
                mirror.planes().clearAll(Planes.stale(leg.index));
            }
        });
    }

    /** Whether a leg is being taken out. */
    boolean isLeaving(int index) {
        return leaving[index] != null;
    }

    /**
     * Others are to record, in a new lineage, that a leg's slot is free. It takes part until they have, and what it misses is
     * noted: so whatever comes of that, the leg may stay.
     */
    void leave(int index, Removal removal) {
        leaving[index] = removal;
        Leg leg = legs[index];
        if (leg != null && leg.life().isNew()) {
            out(leg, LegState.FAILED, DeviceException.of(Errno.EBUSY, leg.name(), "is being removed"));
        }
        LegRecord record = membership.leg(index);
        change(record.isIn() ? membership.drop(index, record, mirror.newLineage()) : membership);
    }

    /** It could not be recorded, or the leg is needed after all. */
    void stay(int index) {
        leaving[index] = null;
        change(membership);
    }

    /** It is on record that the leg's slot is free. */
    void gone(int index) {
        leaving[index] = null;
        membership = membership.with(index, LegRecord.FREE);
        Leg leg = legs[index];
        if (leg != null) {
            forget(leg);
        }
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
        boolean tookPart = leg.takesPart();
        boolean isNew = leg.life().isNew();
        leg.happens(LegLife.Event.DROPPED);
        mirror.repairs().next();
        leg.outState = state;
        if (!tookPart) {
            change(membership.with(leg.index, membership.leg(leg.index).out(leg.marks)));
        } else {
            mirror.planes().setAll(Planes.stale(leg.index), Planes.DIRTY);
            mirror.onRecord().leaves(leg.index);
            LegRecord record = membership.leg(leg.index).out(leg.marks);
            change(
                    isNew // nobody has depended on it: the lineage is what it was
                            ? membership.with(leg.index, record)
                            : membership.drop(leg.index, record, mirror.newLineage()));
            Kind kind = state == LegState.SET_ASIDE ? Kind.LEG_SET_ASIDE : Kind.LEG_FAILED;
            mirror.happened(kind, leg.index, "leg " + leg.index + " is out: " + why.getMessage());
        }
        leg.detachAll();
        for (Removal removal : leaving) {
            if (removal != null) {
                removal.lookWhetherNeeded();
            }
        }
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
}
