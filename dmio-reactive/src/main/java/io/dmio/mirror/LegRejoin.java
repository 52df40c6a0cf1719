package io.dmio.mirror;

import io.dmio.DeviceException;
import io.dmio.Errno;
import io.dmio.mirror.MirrorEvent.Kind;
import io.dmio.mirror.disk.LegRecord;
import io.dmio.mirror.disk.LegRecord.State;
import io.dmio.mirror.disk.Membership;
import io.dmio.mirror.disk.Planes;
import io.dmio.mirror.disk.Superblock;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Brings legs back in. A dropped leg is tried again after a pause, which doubles each time the leg is dropped again, so that a leg that flaps
 * is held off. When nothing from before is in flight on it any more and it answers, it has to prove who it is and how far ({@link Identity}),
 * whatever device answered; then it joins. Owned by the mailbox.
 */
final class LegRejoin {

    private static final int CALM_PAUSES = 10; // a leg that stayed in for so many of the longest pauses starts anew

    private final Legs legs;
    private final MirrorRuntime runtime;
    private final Roster roster;
    private final OnRecord onRecord;
    private final Bitmap bitmap;
    private final Owner owner;
    private final Resync resync;
    private final LegTries tries;
    private boolean stopped;
    private int joining;

    /** What it works on. */
    record Parts(Legs legs, OnRecord onRecord, Bitmap bitmap, Owner owner, Resync resync) {}

    /** A leg that comes in: which time that is, and who is told what becomes of it. */
    private record Coming(Leg leg, int joins, Consumer<@Nullable DeviceException> told) {

        boolean is(LegLife life) {
            return leg.life() == life && leg.joins == joins;
        }
    }

    LegRejoin(Parts parts) {
        this.legs = parts.legs;
        this.runtime = legs.runtime();
        this.roster = legs.roster();
        this.onRecord = parts.onRecord;
        this.bitmap = parts.bitmap;
        this.owner = parts.owner;
        this.resync = parts.resync;
        this.tries = new LegTries(runtime, roster);
    }

    void stop() {
        stopped = true;
        tries.stop();
    }

    boolean isIdle() {
        return joining == 0;
    }

    /** Tries a leg again after a pause, as it was dropped or could not come back. */
    void later(Leg leg) {
        boolean calm = leg.joinedNanos != 0
                && runtime.nanos() - leg.joinedNanos
                        > CALM_PAUSES * runtime.options().probeAfterNanosMax();
        leg.probePauseNanos = leg.probePauseNanos == 0 || calm
                ? runtime.options().probeAfterNanos()
                : Math.min(leg.probePauseNanos * 2, runtime.options().probeAfterNanosMax());
        int joins = leg.joins;
        runtime.after(leg.probePauseNanos, TimeUnit.NANOSECONDS, () -> probe(leg, joins));
        tries.tried(leg.bit());
    }

    /** Tries at once all legs that are out. */
    void now() {
        roster.present().forEach(leg -> probe(leg, leg.joins));
    }

    /** As {@link #now()}; calls back once so few are out that they cannot start by themselves, or each was tried once. */
    void now(Runnable whenOver) {
        tries.await(stopped ? 0 : roster.presentMask() & roster.outMask(), whenOver);
        now();
    }

    /** Brings in a leg that says who it is. */
    void join(Leg leg, Consumer<@Nullable DeviceException> told) {
        claim(leg, told, this::askAgain);
    }

    /** Brings in a leg that does not carry yet who it is; it must say nothing else, unless an operator says that this is overwritten. */
    void introduce(Leg leg, boolean overwrites, Consumer<@Nullable DeviceException> told) {
        claim(
                leg,
                told,
                coming ->
                        new SlotLook(legs, leg, (slots, unread) -> looked(coming, overwrites, slots, unread)).start());
    }

    // Another mirror may have made it a leg of its own since the first look at it, and have gone.
    private void looked(Coming coming, boolean overwrites, List<byte[]> slots, @Nullable DeviceException unread) {
        Leg leg = coming.leg;
        boolean isMine = Superblock.isNameless(slots, roster.membership().mirror());
        DeviceException problem = overwrites && !slots.isEmpty() ? null : unread;
        DeviceException refusal = overwrites || isMine
                ? problem
                : DeviceException.of(
                        Errno.EEXIST,
                        leg.name(),
                        "carries a mirror since it was looked at",
                        MirrorRefusal.OTHER_MIRROR);
        if (goesOn(coming, LegLife.CLAIMING, refusal)) {
            leg.happens(LegLife.Event.MARKED);
            new Introduction(legs, leg, slots, failed -> {
                        if (goesOn(coming, LegLife.JOINING, failed)) {
                            bring(coming);
                        }
                    })
                    .start();
        } else if (!isMine) {
            giveBack(leg);
        }
    }

    // Whoever has a leg that turned out to be another's would wait for this owner's mark to move.
    private void giveBack(Leg leg) {
        new LegsOutside(runtime, owner).unmark(leg.device).subscribe(never -> {}, itStays -> {});
    }

    // Nothing is written to a leg before it has its owner's mark, as it may be another owner's by now.
    private void claim(Leg leg, Consumer<@Nullable DeviceException> told, Consumer<Coming> claimed) {
        leg.happens(LegLife.Event.KNOWN);
        joining++;
        Coming coming = new Coming(leg, ++leg.joins, told);
        owner.mark(leg, unmarked -> {
            if (goesOn(coming, LegLife.CLAIMING, unmarked)) {
                claimed.accept(coming);
            }
        });
    }

    // Another owner may have had the leg since it answered. From the mark on nobody has, and what it says is not
    // overwritten yet.
    private void askAgain(Coming coming) {
        new LegProbe(legs, bitmap.planes().chunkCount(), coming.leg, answer -> answersAgain(coming, answer))
                .startAgain();
    }

    private void answersAgain(Coming coming, LegProbe.@Nullable Answer answer) {
        Leg leg = coming.leg;
        DeviceException problem = answer == null
                ? DeviceException.of(Errno.EIO, leg.name(), "cannot be read since it has its owner's mark")
                : answer.identity().refusal(leg.name());
        if (goesOn(coming, LegLife.CLAIMING, problem) && answer != null) {
            noteLacking(leg, answer);
            leg.happens(LegLife.Event.MARKED);
            bring(coming);
        } else if (answer != null && problem != null) {
            giveBack(leg);
        }
    }

    private void noteLacking(Leg leg, LegProbe.Answer answer) {
        boolean older = answer.identity().kind() == Identity.Kind.OLDER;
        if (older && runtime.options().keeps(Rule.ASK_WHO_RETURNS)) {
            bitmap.planes().setAll(Planes.stale(leg.index));
        } else if (!older && runtime.options().keeps(Rule.ASK_WHO_IS_BEHIND)) {
            bitmap.planes().addLacking(answer.own(), leg.index);
        }
    }

    private void bring(Coming coming) {
        bitmap.planes().setAll(Planes.stale(coming.leg.index), Planes.DIRTY);
        bitmap.planes().changeAll(); // it has none of the bitmap, or an old one
        bitmap.writer().await(problem -> {
            if (goesOn(coming, LegLife.JOINING, problem)) {
                enters(coming.leg, unrecorded -> joined(coming, unrecorded));
            }
        });
    }

    // Gives the leg every write from now on; calls back when that is on record. Its stale bits are durable already.
    private void enters(Leg leg, Consumer<@Nullable DeviceException> told) {
        leg.happens(LegLife.Event.NOTED);
        leg.joinedNanos = runtime.nanos();
        Membership membership = roster.membership();
        LegRecord record = membership.leg(leg.index).with(State.IN).named(leg.name());
        onRecord.change(membership.with(leg.index, record));
        onRecord.await(onRecord.version(), told);
        roster.lookAtWritable();
    }

    private boolean goesOn(Coming coming, LegLife life, @Nullable DeviceException problem) {
        boolean still = coming.is(life);
        if (problem == null && still) {
            return true;
        }
        if (still && problem != null) {
            legs.failures().failed(coming.leg, problem, false);
        }
        ended(coming, problem != null ? problem : gone(coming.leg));
        return false;
    }

    private void joined(Coming coming, @Nullable DeviceException problem) {
        Leg leg = coming.leg;
        boolean entering = coming.is(LegLife.ENTERING);
        if (entering && problem == null) {
            leg.happens(LegLife.Event.RECORDED);
            long lacks = bitmap.planes().count(Planes.stale(leg.index));
            runtime.happened(
                    Kind.LEG_JOINED,
                    leg.index,
                    "leg " + leg.index + " (" + leg.name() + ") is in; it lacks " + lacks + " chunks");
        } else if (entering && problem != null) {
            legs.failures().failed(leg, problem, false);
        }
        ended(coming, problem == null && !entering ? gone(leg) : problem);
        resync.cleared();
    }

    private void ended(Coming coming, @Nullable DeviceException problem) {
        joining--;
        coming.told.accept(problem);
        tries.tried(coming.leg.bit());
    }

    private void probe(Leg leg, int joins) {
        boolean current = leg.equals(roster.leg(leg.index)) && leg.joins == joins;
        if (stopped || !current || leg.life() != LegLife.OUT) {
            return;
        }
        if (leg.inFlight() > 0 || roster.isLeaving(leg.index)) { // a late write could overwrite newer data
            later(leg);
        } else {
            leg.happens(LegLife.Event.ASKED);
            new LegProbe(legs, bitmap.planes().chunkCount(), leg, answer -> probed(leg, answer)).start();
        }
    }

    private void probed(Leg leg, LegProbe.@Nullable Answer answer) {
        if (leg.life() != LegLife.PROBING) {
            return; // it was taken out meanwhile
        }
        if (answer == null || stopped || roster.isLeaving(leg.index)) {
            leg.happens(LegLife.Event.SILENT);
            later(leg);
        } else {
            answers(leg, answer.identity());
        }
    }

    /** Takes the identity of the device that answered in the leg's place. */
    private void answers(Leg leg, Identity identity) {
        if (identity.kind() == Identity.Kind.STRANGE) {
            leg.happens(LegLife.Event.SILENT);
            leg.outState = LegState.REFUSED;
            if (!leg.refusal.equals(identity.why())) {
                leg.refusal = identity.why();
                runtime.happened(
                        Kind.LEG_REFUSED,
                        leg.index,
                        "leg " + leg.index + " (" + leg.name() + ") is not taken back: " + identity.why());
            }
            later(leg);
            resync.look(); // those who wait for this leg need not any more
            return;
        }
        leg.refusal = "";
        if (identity.kind() == Identity.Kind.NAMELESS) {
            bitmap.planes().setAll(Planes.stale(leg.index));
            introduce(leg, false, problem -> {});
            return;
        }
        join(leg, problem -> {});
    }

    private static DeviceException gone(Leg leg) {
        return leg.outState == LegState.SET_ASIDE
                ? leg.noAnswer()
                : DeviceException.of(Errno.EIO, leg.name(), "the leg failed again before it was in");
    }
}
