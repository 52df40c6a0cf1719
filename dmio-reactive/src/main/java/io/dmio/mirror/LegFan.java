package io.dmio.mirror;

import io.dmio.DeviceException;
import io.dmio.Errno;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The same operation on several legs, and what becomes of the legs that fail it or do not answer in time. Ends when every
 * leg has answered or was dropped. Owned by the mailbox.
 */
abstract class LegFan implements LegTask {

    final Mirror mirror;

    private final Work work;
    private int waiting; // bit i: leg i has not answered
    private int done; // bit i: it has, and all went well
    private int kept; // bit i: it failed, and takes part all the same since no other leg could take its place
    private int late;
    private @Nullable DeviceException failure;

    LegFan(Mirror mirror, Work work) {
        this.mirror = mirror;
        this.work = work;
    }

    /** All legs have answered or are gone. */
    abstract void ended();

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
    final int waiting() {
        return waiting;
    }

    /** Whether every leg that still takes part did it, and any did. */
    final boolean isGood() {
        return kept == 0 && done != 0;
    }

    /** What went wrong, if it is not good. */
    final @Nullable DeviceException problem() {
        if (isGood()) {
            return null;
        }
        DeviceException why = failure;
        return why != null ? why : DeviceException.of(Errno.EIO, mirror.name(), "no leg takes part");
    }

    /** All that are expected have been asked; if that is nobody, it is over. */
    final void allAsked() {
        if (waiting == 0) {
            mirror.tell(this::settle);
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
            mirror.roster().failed(op.leg, problem, op.detached);
            if (tookPart && op.leg.takesPart()) {
                kept |= op.leg.bit();
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

    // A leg that failed may be dropped once another one that lags behind has caught up.
    private void settle() {
        List<WriteRun> ahead = kept == 0
                ? List.of()
                : mirror.laggards().stream()
                        .filter(run -> run != this && run.waiting() != 0)
                        .toList();
        if (ahead.isEmpty()) {
            reconsider();
            return;
        }
        int[] left = {ahead.size()};
        ahead.forEach(run -> run.afterLag(() -> {
            if (--left[0] == 0) {
                reconsider();
            }
        }));
    }

    private void reconsider() {
        DeviceException why = failure;
        for (Leg leg : mirror.roster().present()) {
            if (why != null && (kept & leg.bit()) != 0) {
                mirror.roster().failed(leg, why, false);
                kept &= leg.takesPart() ? kept : ~leg.bit();
            }
        }
        ended();
    }

    /** A leg answered. */
    void progress() {}

    // Only once another leg that has everything did it: else the whole machine may have slept, and no leg is to blame.
    private void setLateAside() {
        if (late != 0 && (done & mirror.onRecord().completeMask()) != 0) {
            for (Leg leg : mirror.roster().present()) {
                if ((late & waiting & leg.bit()) != 0) {
                    mirror.roster().setAside(leg);
                }
            }
        }
    }
}
