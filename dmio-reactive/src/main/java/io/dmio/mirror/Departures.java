package io.dmio.mirror;

import io.dmio.DeviceException;
import io.dmio.mirror.MirrorEvent.Kind;
import io.dmio.mirror.disk.LegLayout;
import io.dmio.mirror.disk.LegRecord;
import io.dmio.mirror.disk.Membership;
import io.dmio.mirror.disk.Planes;
import java.util.Map;
import java.util.WeakHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Lets legs go: those that failed or were too slow are dropped, others are taken out for good or given back before they
 * were in. What a leg misses from then on is noted, and it goes on record that the leg is out. Owned by the mailbox.
 */
final class Departures {

    private static final long AGAIN_NANOS = TimeUnit.MINUTES.toNanos(1);

    private final Parts parts;
    private final MirrorRuntime runtime;
    private final Roster roster;
    private final OnRecord onRecord;
    private final Planes planes;
    private final Listener listener;
    private final LegProofs proofs;
    private final Map<Leg, Long> toldNanos = new WeakHashMap<>(); // when it was reported that none can stand in for it
    private final @Nullable Removal[] removals = new Removal[LegLayout.LEGS_MAX];

    /** What it works on. */
    record Parts(Legs legs, OnRecord onRecord, Planes planes, Owner owner) {}

    /** Hears of legs that go. */
    interface Listener {

        /** Called when a leg gets nothing any more. */
        void dropped();

        /** Called when a leg that was dropped may come back. */
        void out(Leg leg);

        /** Called when a leg that was to be taken out has gone, or stays. */
        void decided();
    }

    Departures(Parts parts, Listener listener) {
        this.parts = parts;
        this.runtime = parts.legs.runtime();
        this.roster = parts.legs.roster();
        this.onRecord = parts.onRecord;
        this.planes = parts.planes;
        this.listener = listener;
        this.proofs = new LegProofs(parts.legs, parts.onRecord, parts.owner);
    }

    /** Takes a leg out for good. */
    void remove(int index, Removal.Told told) {
        new Removal(parts, this, index, told).start();
    }

    /** Takes a leg's failure; {@code known} if the leg was dropped before it answered. */
    void failed(Leg leg, DeviceException why, boolean known) {
        boolean blameless = leg.isBlameless(why) && !leg.life().isNew();
        if (known || !leg.life().getsMark() || blameless || runtime.lost() != null) {
            return;
        }
        if (roster.canSpare(leg)) {
            out(leg, LegState.FAILED, why);
        } else {
            proofs.failed(leg, why);
        }
    }

    /**
     * Reports that an operation failed because a leg failed it and no other leg could stand in. Once a minute, as a dead leg fails everything.
     */
    void unserved(Leg leg, DeviceException why) {
        if (leg.isBlameless(why) || runtime.lost() != null) {
            return;
        }
        proofs.failed(leg, why);
        if (untold(leg)) {
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

    /** Sets aside a leg that did not answer in time, though another one did. */
    void setAside(Leg leg) {
        if (leg.life().getsMark() && roster.canSpare(leg) && runtime.lost() == null) {
            leg.slow++;
            out(leg, LegState.SET_ASIDE, leg.noAnswer());
        }
    }

    /** Forgets a leg whose device is gone again; its slot stays. */
    void forget(Leg leg) {
        roster.take(leg);
        leg.happens(LegLife.Event.DROPPED);
        leg.calls.open(); // it is asked who it is when it comes back
        listener.dropped();
        leg.detachAll();
    }

    /** Lets a leg go that never was in, and frees its slot. */
    void vacate(Leg leg) {
        forget(leg);
        onRecord.change(roster.membership().with(leg.index, LegRecord.FREE));
        onRecord.await(onRecord.version(), problem -> {
            if (problem == null && roster.membership().leg(leg.index).isFree()) {
                planes.clearAll(Planes.stale(leg.index));
            }
        });
    }

    /** Begins a removal; returns whether it is the first of that leg. */
    boolean begins(int index, Removal removal) {
        boolean isFirst = removals[index] == null;
        removals[index] = isFirst ? removal : removals[index];
        return isFirst;
    }

    /** Ends a removal, as the leg stays. */
    void ends(int index) {
        removals[index] = null;
        listener.decided();
    }

    /** Gives a leg nothing any more, and lets the others record, in a new lineage, that its slot is free. */
    void leave(int index) {
        roster.leaves(index);
        Leg leg = roster.leg(index);
        if (leg != null && (leg.takesPart() || leg.life().isNew())) {
            leg.outState = LegState.FAILED;
            drops(leg);
            dropped(leg);
            return;
        }
        Membership membership = roster.membership();
        LegRecord record = membership.leg(index);
        onRecord.change(record.isIn() ? membership.drop(index, record, runtime.newLineage()) : membership);
    }

    /** Ends a removal, as it is on record that the leg's slot is free. */
    void gone(int index) {
        removals[index] = null;
        roster.hasLeft(index);
        roster.becomes(roster.membership().with(index, LegRecord.FREE));
        Leg leg = roster.leg(index);
        if (leg != null) {
            forget(leg);
        }
        roster.lookAtWritable();
        listener.decided();
    }

    private void out(Leg leg, LegState state, DeviceException why) {
        boolean tookPart = leg.takesPart();
        leg.outState = state;
        drops(leg);
        if (tookPart) {
            Kind kind = state == LegState.SET_ASIDE ? Kind.LEG_SET_ASIDE : Kind.LEG_FAILED;
            runtime.happened(kind, leg.index, "leg " + leg.index + " is out: " + why.getMessage());
        }
        dropped(leg);
        listener.out(leg);
    }

    /** Gives a leg nothing any more: what it misses from now on is noted, and the others are to record that it is out. */
    private void drops(Leg leg) {
        boolean tookPart = leg.takesPart();
        boolean isNew = leg.life().isNew();
        leg.happens(LegLife.Event.DROPPED);
        leg.calls.open(); // it is asked who it is when it comes back
        listener.dropped();
        Membership membership = roster.membership();
        LegRecord record = membership.leg(leg.index).out(leg.marks);
        if (tookPart) {
            planes.setAll(Planes.stale(leg.index), Planes.DIRTY);
            onRecord.leaves(leg.index);
        }
        onRecord.change(
                tookPart && !isNew
                        ? membership.drop(leg.index, record, runtime.newLineage())
                        : membership.with(leg.index, record)); // nobody has depended on it: the lineage stays the same
    }

    private void dropped(Leg leg) {
        leg.detachAll();
        for (Removal removal : removals) {
            if (removal != null) {
                removal.lookWhetherNeeded();
            }
        }
        roster.lookAtWritable();
    }
}
