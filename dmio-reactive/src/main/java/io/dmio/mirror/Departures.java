package io.dmio.mirror;

import io.dmio.DeviceException;
import io.dmio.Errno;
import io.dmio.mirror.MirrorEvent.Kind;
import io.dmio.mirror.disk.LegLayout;
import io.dmio.mirror.disk.LegRecord;
import io.dmio.mirror.disk.Membership;
import io.dmio.mirror.disk.Planes;
import java.util.Map;
import java.util.WeakHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Legs that go: dropped because they failed or were too slow, taken out for good, or given back before they were in. What a
 * leg misses from then on is noted, and that it is out goes on record. Owned by the mailbox.
 */
final class Departures {

    private static final long AGAIN_NANOS = TimeUnit.MINUTES.toNanos(1);

    private final Parts parts;
    private final MirrorRuntime runtime;
    private final Roster roster;
    private final OnRecord onRecord;
    private final Planes planes;
    private final Listener listener;
    private final Map<Leg, Long> toldNanos = new WeakHashMap<>(); // when it was told that nobody can stand in for it
    private final @Nullable Removal[] removals = new Removal[LegLayout.LEGS_MAX];

    /** What it works on. */
    record Parts(Legs legs, OnRecord onRecord, Planes planes) {}

    /** Hears of legs that go. */
    interface Listener {

        /** A leg gets nothing any more. */
        void dropped();

        /** A leg that was dropped may come back. */
        void out(Leg leg);

        /** A leg that was to be taken out has gone, or stays. */
        void decided();
    }

    Departures(Parts parts, Listener listener) {
        this.parts = parts;
        this.runtime = parts.legs.runtime();
        this.roster = parts.legs.roster();
        this.onRecord = parts.onRecord;
        this.planes = parts.planes;
        this.listener = listener;
    }

    /** Takes a leg out for good; tells with null when it is gone and idle, or with why it stays. */
    void remove(int index, Consumer<@Nullable DeviceException> told) {
        new Removal(parts, this, index, told).start();
    }

    /** A leg failed something; known if it was dropped before it answered. */
    void failed(Leg leg, DeviceException why, boolean known) {
        boolean blameless = leg.isBlameless(why) && !leg.life().isNew();
        if (known || !leg.life().getsMark() || blameless || runtime.lost() != null) {
            return;
        }
        if (roster.canSpare(leg)) {
            out(leg, LegState.FAILED, why);
        }
    }

    /** What was asked failed, as a leg failed it that no other could stand in for. A dead one fails everything: it is told once a minute. */
    void unserved(Leg leg, DeviceException why) {
        if (!leg.isBlameless(why) && runtime.lost() == null && untold(leg)) {
            runtime.happened(
                    Kind.LAST_LEG_FAILED,
                    leg.index,
                    "leg " + leg.index + " failed, and no other could do it: " + why.getMessage());
        }
    }

    private boolean untold(Leg leg) {
        Long before = toldNanos.get(leg);
        long now = runtime.nanos();
        boolean untold = before == null || now - before >= AGAIN_NANOS;
        if (untold) {
            toldNanos.put(leg, now);
        }
        return untold;
    }

    /** A leg did not answer in time, though another one did. */
    void setAside(Leg leg) {
        if (leg.life().getsMark() && roster.canSpare(leg) && runtime.lost() == null) {
            leg.slow++;
            out(leg, LegState.SET_ASIDE, leg.noAnswer());
        }
    }

    /** A leg's device is gone again; its slot stays. */
    void forget(Leg leg) {
        roster.take(leg);
        leg.happens(LegLife.Event.DROPPED);
        listener.dropped();
        leg.detachAll();
    }

    /** A leg that never was in goes, and its slot is free. */
    void vacate(Leg leg) {
        forget(leg);
        onRecord.change(roster.membership().with(leg.index, LegRecord.FREE));
        onRecord.await(onRecord.version(), problem -> {
            if (problem == null && roster.membership().leg(leg.index).isFree()) {
                planes.clearAll(Planes.stale(leg.index));
            }
        });
    }

    /**
     * Others are to record, in a new lineage, that a leg's slot is free. It takes part until they have, and what it misses is
     * noted: so whatever comes of that, the leg may stay.
     */
    void leave(int index, Removal removal) {
        removals[index] = removal;
        roster.leaves(index, true);
        Leg leg = roster.leg(index);
        if (leg != null && leg.life().isNew()) {
            out(leg, LegState.FAILED, DeviceException.of(Errno.EBUSY, leg.name(), "is being removed"));
        }
        Membership membership = roster.membership();
        LegRecord record = membership.leg(index);
        onRecord.change(record.isIn() ? membership.drop(index, record, runtime.newLineage()) : membership);
    }

    /** It could not be recorded, or the leg is needed after all. */
    void stay(int index) {
        removals[index] = null;
        roster.leaves(index, false);
        onRecord.change(roster.membership());
        stays(index);
    }

    private void stays(int index) {
        onRecord.await(onRecord.version(), problem -> {
            if (problem == null) {
                roster.isSureOf(index);
            } else {
                runtime.afterPause(() -> stays(index));
            }
        });
    }

    /** It is on record that the leg's slot is free. */
    void gone(int index) {
        removals[index] = null;
        roster.leaves(index, false);
        roster.isSureOf(index);
        roster.becomes(roster.membership().with(index, LegRecord.FREE));
        Leg leg = roster.leg(index);
        if (leg != null) {
            forget(leg);
        }
        roster.lookAtWritable();
    }

    /** A leg that was to be taken out has gone, or stays. */
    void decided() {
        listener.decided();
    }

    private void out(Leg leg, LegState state, DeviceException why) {
        boolean tookPart = leg.takesPart();
        boolean isNew = leg.life().isNew();
        leg.happens(LegLife.Event.DROPPED);
        listener.dropped();
        leg.outState = state;
        Membership membership = roster.membership();
        LegRecord record = membership.leg(leg.index).out(leg.marks);
        if (!tookPart) {
            onRecord.change(membership.with(leg.index, record));
        } else {
            planes.setAll(Planes.stale(leg.index), Planes.DIRTY);
            onRecord.leaves(leg.index);
            onRecord.change(
                    isNew // nobody has depended on it: the lineage is what it was
                            ? membership.with(leg.index, record)
                            : membership.drop(leg.index, record, runtime.newLineage()));
            Kind kind = state == LegState.SET_ASIDE ? Kind.LEG_SET_ASIDE : Kind.LEG_FAILED;
            runtime.happened(kind, leg.index, "leg " + leg.index + " is out: " + why.getMessage());
        }
        leg.detachAll();
        for (Removal removal : removals) {
            if (removal != null) {
                removal.lookWhetherNeeded();
            }
        }
        roster.lookAtWritable();
        listener.out(leg);
    }
}
