package io.dmio.mirror;

import io.dmio.DeviceException;
import io.dmio.Errno;
import org.jspecify.annotations.Nullable;

/**
 * One operation on several legs, and what happens to legs that fail it or do not answer in time. Ends when every leg
 * has answered or was dropped. Owned by the mailbox.
 */
abstract class LegFan implements LegTask {

    final MirrorRuntime runtime;
    final Roster roster;
    final LegFailures failures;
    final Laggards laggards;

    private final Work work;
    private int waiting; // bit i: leg i has not answered
    private int done; // bit i: leg i has answered, and all went well
    private int kept; // bit i: leg i failed, and still takes part, as no other leg could take its place
    private int unflushed; // legs of kept that may have lost what they had not flushed
    private @Nullable DeviceException unflushedWhy;
    private int late;
    private @Nullable DeviceException failure;

    LegFan(Legs legs, Work work) {
        this.runtime = legs.runtime();
        this.roster = legs.roster();
        this.failures = legs.failures();
        this.laggards = legs.laggards();
        this.work = work;
    }

    /** Called when all legs have answered or are gone. */
    abstract void ended();

    /** Whether the leg flushes earlier writes for this operation, and may have lost them if it fails. */
    boolean flushes(Leg leg) {
        return false;
    }

    @Override
    public final Work work() {
        return work;
    }

    /** Counts a leg that is about to be asked. */
    final void expect(Leg leg) {
        waiting |= leg.bit();
    }

    /** The legs that did it. */
    final int done() {
        return done;
    }

    /** The legs that have not answered. */
    public final int waiting() {
        return waiting;
    }

    /** Whether some leg did it, and no leg that failed it still takes part. */
    final boolean isGood() {
        return kept == 0 && done != 0;
    }

    /** What went wrong; null if {@link #isGood}. */
    final @Nullable DeviceException problem() {
        if (isGood()) {
            return null;
        }
        DeviceException why = failure;
        return why != null ? why : DeviceException.of(Errno.EIO, runtime.name(), "no leg takes part");
    }

    /** Called when all expected legs have been asked; if there are none, the operation is over. */
    final void allAsked() {
        if (waiting == 0) {
            runtime.tell(this::settle);
        }
    }

    /** The legs that failed it and could not be dropped. */
    final int kept() {
        return kept;
    }

    final @Nullable DeviceException failure() {
        return failure;
    }

    @Override
    public void answered(LegOp op, @Nullable DeviceException problem) {
        waiting &= ~op.leg.bit();
        if (problem == null) {
            done |= op.leg.bit();
            setLateAside();
        } else {
            failure = failure == null ? problem : failure;
            boolean tookPart = op.leg.takesPart() && !op.detached;
            failures.failed(op.leg, problem, op.detached);
            if (tookPart && op.leg.takesPart()) {
                kept |= op.leg.bit();
                if (flushes(op.leg)) {
                    unflushed |= op.leg.bit();
                    unflushedWhy = problem;
                }
            }
        }
        progress();
        if (waiting == 0) {
            settle();
        }
    }

    @Override
    public void overdue(LegOp op) {
        late |= op.leg.bit();
        setLateAside();
    }

    // Perhaps a leg that failed can be dropped once another leg, which lags behind, has caught up.
    @SuppressWarnings("ReferenceEquality") // this very run
    private void settle() {
        if (kept == 0) {
            reconsider();
        } else {
            laggards.whenCaughtUp(run -> run != this && run.waiting() != 0, this::reconsider);
        }
    }

    private void reconsider() {
        DeviceException why = failure;
        for (Leg leg : roster.present()) {
            if (why != null && (kept & leg.bit()) != 0) {
                failures.failed(leg, why, false);
                if (leg.takesPart()) {
                    failures.unserved(leg, why);
                } else {
                    kept &= ~leg.bit();
                }
            }
        }
        DeviceException lost = unflushedWhy;
        if (lost != null && (kept & unflushed) != 0) {
            failures.unflushed(kept & unflushed, done, lost);
        }
        ended();
    }

    /** Called when a leg has answered. */
    void progress() {}

    // Only after another leg that has everything did it: otherwise the whole machine may have slept, and no leg is to
    // blame.
    private void setLateAside() {
        if (late != 0 && (done & roster.completeMask()) != 0) {
            for (Leg leg : roster.present()) {
                if ((late & waiting & leg.bit()) != 0) {
                    failures.setAside(leg);
                }
            }
        }
    }
}
