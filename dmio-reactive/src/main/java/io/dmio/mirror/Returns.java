package io.dmio.mirror;

import io.dmio.DeviceException;
import io.dmio.Errno;
import io.dmio.mirror.MirrorEvent.Kind;
import io.netty.buffer.ByteBuf;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Brings legs back in. A leg that was dropped is tried after a pause that doubles each time it is dropped again, so one that
 * flaps is held off. When it answers, and nothing from before is in flight on it any more, it has to prove who it is and how far
 * ({@link Identity}), whatever it was that answered; then it joins. Owned by the mailbox.
 */
final class Returns {

    private static final int CALM_PAUSES = 10; // a leg that stayed in for so many of its longest pauses starts anew

    private final Mirror mirror;
    private boolean stopped;
    private int joining;

    Returns(Mirror mirror) {
        this.mirror = mirror;
    }

    void stop() {
        stopped = true;
    }

    boolean isIdle() {
        return joining == 0;
    }

    /** The leg was dropped, or could not come back: try again after a pause. */
    void later(Leg leg) {
        boolean calm = leg.joinedNanos != 0
                && mirror.nanos() - leg.joinedNanos
                        > CALM_PAUSES * mirror.options().probeAfterNanosMax();
        leg.probePauseNanos = leg.probePauseNanos == 0 || calm
                ? mirror.options().probeAfterNanos()
                : Math.min(leg.probePauseNanos * 2, mirror.options().probeAfterNanosMax());
        int joins = leg.joins;
        mirror.after(leg.probePauseNanos, TimeUnit.NANOSECONDS, () -> probe(leg, joins));
    }

    /** Tries all legs that are out, now. */
    void now() {
        for (Leg leg : mirror.roster().present()) {
            probe(leg, leg.joins);
        }
    }

    /** Brings a leg in: what it lacks is known, and its superblock is to be written. */
    void join(Leg leg, Consumer<@Nullable DeviceException> told) {
        bring(leg, begin(leg), told);
    }

    /** Brings a leg in that does not carry yet who it is. */
    void introduce(Leg leg, Consumer<@Nullable DeviceException> told) {
        int joins = begin(leg);
        new Introduction(mirror, leg, problem -> {
                    if (goesOn(leg, joins, problem, told)) {
                        bring(leg, joins, told);
                    }
                })
                .start();
    }

    private int begin(Leg leg) {
        leg.happens(LegLife.Event.KNOWN);
        joining++;
        return ++leg.joins;
    }

    private void bring(Leg leg, int joins, Consumer<@Nullable DeviceException> told) {
        mirror.planes().setAll(Planes.stale(leg.index), Planes.DIRTY);
        mirror.planes().changeAll(); // it has none of the bitmap, or an old one
        mirror.intents().await(problem -> {
            if (goesOn(leg, joins, problem, told)) {
                mirror.owner().mark(leg, unmarked -> record(leg, joins, unmarked, told));
            }
        });
    }

    private void record(
            Leg leg, int joins, @Nullable DeviceException unmarked, Consumer<@Nullable DeviceException> told) {
        if (goesOn(leg, joins, unmarked, told)) {
            mirror.roster().in(leg, unrecorded -> joined(leg, joins, unrecorded, told));
        }
    }

    private boolean goesOn(
            Leg leg, int joins, @Nullable DeviceException problem, Consumer<@Nullable DeviceException> told) {
        boolean stillJoining = leg.life() == LegLife.JOINING && leg.joins == joins;
        if (problem == null && stillJoining) {
            return true;
        }
        if (stillJoining && problem != null) {
            mirror.roster().failed(leg, problem, false);
        }
        ended(told, problem != null ? problem : gone(leg));
        return false;
    }

    private void joined(
            Leg leg, int joins, @Nullable DeviceException problem, Consumer<@Nullable DeviceException> told) {
        boolean entering = leg.life() == LegLife.ENTERING && leg.joins == joins;
        if (entering && problem == null) {
            leg.happens(LegLife.Event.RECORDED);
            long lacks = mirror.planes().count(Planes.stale(leg.index));
            mirror.happened(
                    Kind.LEG_JOINED,
                    leg.index,
                    "leg " + leg.index + " (" + leg.name() + ") is in; it lacks " + lacks + " chunks");
        } else if (entering && problem != null) {
            mirror.roster().failed(leg, problem, false);
        }
        ended(told, problem == null && !entering ? gone(leg) : problem);
        mirror.resync().cleared();
    }

    private void ended(Consumer<@Nullable DeviceException> told, @Nullable DeviceException problem) {
        joining--;
        told.accept(problem);
    }

    private void probe(Leg leg, int joins) {
        boolean current = leg.equals(mirror.roster().leg(leg.index)) && leg.joins == joins;
        if (stopped || !current || leg.life() != LegLife.OUT) {
            return;
        }
        if (leg.inFlight() > 0 || mirror.roster().isLeaving(leg.index)) { // what is late could overwrite what is newer
            later(leg);
        } else {
            leg.happens(LegLife.Event.ASKED);
            new Probe(leg).start();
        }
    }

    /** Somebody has answered where the leg was. */
    private void answers(Leg leg, Identity identity) {
        if (identity.kind() == Identity.Kind.STRANGE) {
            leg.happens(LegLife.Event.SILENT);
            leg.outState = LegState.REFUSED;
            if (!leg.refusal.equals(identity.why())) {
                leg.refusal = identity.why();
                mirror.happened(
                        Kind.LEG_REFUSED,
                        leg.index,
                        "leg " + leg.index + " (" + leg.name() + ") is not taken back: " + identity.why()
                                + "; bring the right one, or remove it and add it as a new leg");
            }
            later(leg);
            mirror.resync().look(); // who waits for this leg need not
            return;
        }
        leg.refusal = "";
        if (identity.kind() == Identity.Kind.OLDER && mirror.options().keeps(Rule.ASK_WHO_RETURNS)) {
            mirror.planes().setAll(Planes.stale(leg.index));
        }
        join(leg, problem -> {});
    }

    private static DeviceException gone(Leg leg) {
        return leg.outState == LegState.SET_ASIDE
                ? leg.noAnswer()
                : DeviceException.of(Errno.EIO, leg.name(), "the leg failed again before it was in");
    }

    /** Asks a leg who it is: reads its superblocks, and its mark. */
    private final class Probe implements LegTask {
        private static final int PAGES = 3;

        private final Leg leg;
        private final ByteBuf memory = mirror.memory().hold(PAGES * LegLayout.SLOT_BYTES);
        private int waiting = PAGES;
        private int good;

        Probe(Leg leg) {
            this.leg = leg;
        }

        void start() {
            leg.device.pin(); // it may be another one now: that is what is asked
            read(0, LegLayout.slotSector(leg.layout.legSectors(), 0));
            read(1, LegLayout.slotSector(leg.layout.legSectors(), 1));
            read(2, leg.layout.unitSector(Planes.DIRTY, 0));
        }

        private void read(int page, long sector) {
            leg.read(sector, page(page), this);
        }

        private ByteBuf page(int page) {
            return memory.slice(page * LegLayout.SLOT_BYTES, LegLayout.SLOT_BYTES);
        }

        @Override
        public void answered(LegOp op, @Nullable DeviceException failure) {
            good += failure == null ? 1 : 0;
            if (--waiting > 0) {
                return;
            }
            Identity identity = good == PAGES ? identity() : null;
            mirror.memory().free(memory);
            if (leg.life() != LegLife.PROBING) {
                return; // it was taken out meanwhile
            }
            if (identity == null || stopped || mirror.roster().isLeaving(leg.index)) {
                leg.happens(LegLife.Event.SILENT);
                later(leg);
            } else {
                answers(leg, identity);
            }
        }

        private Identity identity() {
            try {
                List<byte[]> slots = List.of(bytes(0), bytes(1));
                LegDisk found = LegDisk.of(leg.device, slots).withMark(page(2));
                Identity identity = Identity.of(mirror.roster().membership(), leg.index, found);
                if (identity.kind() != Identity.Kind.STRANGE) {
                    leg.slot = found.slot();
                    leg.marks = new LegMarks(found.batch(), found.batch());
                }
                return identity;
            } catch (DeviceException none) {
                return Identity.strange(none);
            }
        }

        private byte[] bytes(int page) {
            byte[] bytes = new byte[LegLayout.SLOT_BYTES];
            page(page).getBytes(0, bytes);
            return bytes;
        }

        @Override
        public void overdue(LegOp op) {
            leg.detach(op);
            answered(op, DeviceException.of(Errno.ETIMEDOUT, leg.name(), "no answer to a probe"));
        }

        @Override
        public Work work() {
            return Work.METADATA;
        }
    }
}
