package io.dmio.mirror;

import io.dmio.DeviceException;
import io.dmio.Errno;
import io.dmio.mirror.MirrorEvent.Kind;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Has legs that cannot be dropped go on where another device may be behind them by now (ESTALE, {@link io.dmio.BlockDevice#pin}). Such a leg is
 * never out, so nobody asks who it is when it is back. It is asked in its place, while nothing else is asked of it, until it proves that it is
 * what it was. What it had not flushed may be gone, which the next flush of a user tells. Owned by the mailbox.
 */
final class LegProofs {

    private final Legs legs;
    private final MirrorRuntime runtime;
    private final OnRecord onRecord;
    private final Owner owner;
    private final Set<Leg> asking = new HashSet<>(); // or are about to be

    LegProofs(Legs legs, OnRecord onRecord, Owner owner) {
        this.legs = legs;
        this.runtime = legs.runtime();
        this.onRecord = onRecord;
        this.owner = owner;
    }

    /** Takes what a leg that stays failed with. */
    void failed(Leg leg, DeviceException why) {
        if (why.errno() == Errno.ESTALE && asking.add(leg)) {
            int joins = leg.joins;
            runtime.afterPause(() -> look(leg, joins));
        }
    }

    // A file that is back where it was goes on by itself, and has forgotten nothing.
    private void look(Leg leg, int joins) {
        if (isThere(leg, joins)) {
            new SlotLook(legs, leg, (slots, unread) -> looked(leg, joins, unread)).start();
        }
    }

    private void looked(Leg leg, int joins, @Nullable DeviceException unread) {
        if (unread == null || unread.errno() != Errno.ESTALE) {
            asking.remove(leg);
        } else {
            ask(leg, joins);
        }
    }

    /** Returns whether a leg is the one that was to be asked, which came in then; if not, it is not asked any more. */
    private boolean isThere(Leg leg, int joins) {
        boolean isThere = leg.takesPart() && leg.joins == joins;
        if (!isThere) {
            asking.remove(leg);
        }
        return isThere;
    }

    private void later(Leg leg, int joins) {
        runtime.afterPause(() -> ask(leg, joins));
    }

    private void ask(Leg leg, int joins) {
        if (!isThere(leg, joins)) {
            return;
        }
        leg.calls.shut();
        if (leg.inFlight() > 0) { // it was asked before it was lost, and its next step may reach what is there now
            later(leg, joins);
            return;
        }
        LegProof proof = new LegProof(legs, owner, leg, problem -> answered(leg, joins, problem));
        leg.calls.openTo(proof);
        proof.start();
    }

    private void answered(Leg leg, int joins, @Nullable DeviceException problem) {
        if (!isThere(leg, joins)) {
            return;
        }
        if (problem == null) {
            leg.calls.shut();
            new FlushRun(legs, onRecord, failed -> proven(leg, joins)).start(); // the leg fails it
            return;
        }
        if (problem.errno() == Errno.ESTALE) {
            leg.calls.open(); // it fails everything by itself, until it is there again or is asked
            runtime.afterPause(() -> look(leg, joins));
            return;
        }
        if (!leg.refusal.equals(problem.getMessage())) {
            leg.refusal = "" + problem.getMessage();
            runtime.happened(
                    Kind.LEG_REFUSED, leg.index, "leg " + leg.index + " is not what it was: " + problem.getMessage());
        }
        later(leg, joins);
    }

    private void proven(Leg leg, int joins) {
        if (isThere(leg, joins)) {
            asking.remove(leg);
            leg.calls.open();
            leg.refusal = "";
            runtime.happened(
                    Kind.LEG_JOINED, leg.index, "leg " + leg.index + " (" + leg.name() + ") is there again, as it was");
        }
    }
}
