package io.dmio.mirror;

import io.dmio.DeviceException;
import io.dmio.Errno;
import io.dmio.mirror.MirrorEvent.Kind;
import io.dmio.mirror.disk.Planes;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Takes a leg out for good: first on record with all others, then in fact. Until then it takes part, and stays if nobody can
 * record in time that it goes, or if the others turn out not to have everything without it. Then what is in flight on it is
 * waited for, so that it is given back idle; not for ever, as it may be a dead one that goes. Owned by the mailbox.
 */
final class Removal {

    private final MirrorRuntime runtime;
    private final Roster roster;
    private final OnRecord onRecord;
    private final Planes planes;
    private final Departures departures;
    private final int index;
    private final Consumer<@Nullable DeviceException> told;
    private final @Nullable Leg leg;
    private boolean over;

    /**
     * @param index a slot that is taken
     * @param told with null when the leg is gone and idle, or with why it stays
     */
    Removal(Departures.Parts parts, Departures departures, int index, Consumer<@Nullable DeviceException> told) {
        this.runtime = parts.legs().runtime();
        this.roster = parts.legs().roster();
        this.onRecord = parts.onRecord();
        this.planes = parts.planes();
        this.departures = departures;
        this.index = index;
        this.told = told;
        this.leg = roster.leg(index);
    }

    void start() {
        if (roster.isLeaving(index)) {
            told.accept(stays(Errno.EBUSY, "is being removed already"));
            return;
        }
        departures.leave(index, this);
        if (!runtime.options().keeps(Rule.FORGET_AFTER_RECORD)) {
            planes.clearAll(Planes.stale(index));
        }
        onRecord.await(onRecord.version(), this::recorded);
        runtime.after(
                runtime.options().legDeadlineNanos(),
                TimeUnit.NANOSECONDS,
                () -> end(stays(Errno.ETIMEDOUT, "stays: the others have not recorded in time that it goes")));
    }

    /** A leg was dropped: those that are left may need this one. */
    void lookWhetherNeeded() {
        if (leg != null && leg.takesPart() && !roster.canSpare(leg)) {
            end(stays(Errno.EBUSY, "stays: no other leg has everything any more"));
        }
    }

    private void recorded(@Nullable DeviceException problem) {
        lookWhetherNeeded();
        end(problem);
    }

    private void end(@Nullable DeviceException problem) {
        if (over) {
            return;
        }
        over = true;
        if (problem != null) {
            departures.stay(index);
            told.accept(problem);
        } else {
            gone();
        }
        departures.decided();
    }

    private void gone() {
        String name = roster.membership().leg(index).name();
        departures.gone(index);
        // Only now: after a crash before that it is a leg again, and lacks it still.
        planes.clearAll(Planes.stale(index));
        runtime.happened(Kind.LEG_REMOVED, index, "leg " + index + " (" + name + ") is out for good");
        if (leg == null) {
            told.accept(null);
        } else {
            leg.whenIdle(() -> told.accept(null));
        }
    }

    private DeviceException stays(Errno errno, String why) {
        return DeviceException.of(errno, runtime.name(), "leg " + index + " " + why);
    }
}
