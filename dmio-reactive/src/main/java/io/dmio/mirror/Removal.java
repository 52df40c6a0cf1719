package io.dmio.mirror;

import io.dmio.DeviceException;
import io.dmio.Errno;
import io.dmio.mirror.MirrorEvent.Kind;
import io.dmio.mirror.disk.Planes;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Takes a leg out for good. First all legs that take part record the present state, which shows that the others can record. If they cannot, or
 * turn out not to have everything without this leg, it stays. Then it gets nothing any more, and only after that do the others record that it is
 * gone: once one of them may have that record, this leg must not go on without that one, which would start alone. Until the others have the
 * record, nothing that this leg lacks is answered, however long that takes. Last, what is in flight on the leg is waited for, so that it is
 * given back idle; but not for ever, as it may be dead. Owned by the mailbox.
 */
final class Removal {

    private final MirrorRuntime runtime;
    private final Roster roster;
    private final OnRecord onRecord;
    private final Planes planes;
    private final Departures departures;
    private final int index;
    private final Told told;
    private final @Nullable Leg leg;
    private boolean isDecided; // the leg stays, or gets nothing any more

    /** Hears what becomes of the removal. */
    interface Told {

        /** Called when the leg gets nothing any more; not called if it stays. */
        default void left() {}

        /** Called with null when the leg is gone and idle, or with why it stays or is not known to have gone. */
        void ended(@Nullable DeviceException problem);
    }

    /**
     * @param index a slot that is taken
     */
    Removal(Departures.Parts parts, Departures departures, int index, Told told) {
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
        if (!departures.begins(index, this)) {
            told.ended(stays(Errno.EBUSY, "is being removed already"));
            return;
        }
        if (leg == null || !leg.takesPart() || leg.life().isNew()) {
            leave(); // nobody depends on it
            return;
        }
        onRecord.change(roster.membership());
        onRecord.await(onRecord.version(), this::othersRecord);
        // After one deadline, legs that hang are set aside; this one may be among them.
        runtime.after(
                2 * runtime.options().legDeadlineNanos(),
                TimeUnit.NANOSECONDS,
                () -> stay(stays(Errno.ETIMEDOUT, "stays: the others cannot record in time that it goes")));
    }

    /** Looks whether the other legs need this one, as a leg was dropped. */
    void lookWhetherNeeded() {
        if (!isDecided && leg != null && !roster.canSpare(leg)) {
            stay(stays(Errno.EBUSY, "stays: no other leg has everything any more"));
        }
    }

    private void othersRecord(@Nullable DeviceException problem) {
        lookWhetherNeeded();
        if (problem != null) {
            stay(problem);
        } else if (!isDecided) {
            leave();
        }
    }

    private void stay(DeviceException why) {
        if (!isDecided) {
            isDecided = true;
            departures.ends(index);
            told.ended(why);
        }
    }

    private void leave() {
        isDecided = true;
        departures.leave(index);
        if (!runtime.options().keeps(Rule.FORGET_AFTER_RECORD)) {
            planes.clearAll(Planes.stale(index));
        }
        recordsThatItIsGone();
        told.left();
    }

    private void recordsThatItIsGone() {
        onRecord.await(onRecord.version(), problem -> {
            if (problem == null) {
                gone();
            } else if (runtime.over() != null) { // closing the mirror tries once more
                told.ended(DeviceException.of(
                        problem.errno(),
                        runtime.name(),
                        "leg " + index + " gets nothing any more, but no other has that on record: "
                                + problem.getMessage()));
            } else {
                runtime.afterPause(this::recordsThatItIsGone);
            }
        });
    }

    private void gone() {
        String name = roster.membership().leg(index).name();
        departures.gone(index);
        // Only now: after a crash before this it is a leg again, and still lacks these chunks.
        planes.clearAll(Planes.stale(index));
        runtime.happened(Kind.LEG_REMOVED, index, "leg " + index + " (" + name + ") is out for good");
        if (leg == null) {
            told.ended(null);
        } else {
            leg.whenIdle(() -> told.ended(null));
        }
    }

    private DeviceException stays(Errno errno, String why) {
        return DeviceException.of(errno, runtime.name(), "leg " + index + " " + why);
    }
}
