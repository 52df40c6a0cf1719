package io.dmio.mirror;

import io.dmio.DeviceException;
import io.dmio.Errno;
import io.dmio.mirror.MirrorEvent.Kind;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Takes a leg out for good: first on record with all others, then in fact. Until then it takes part, and stays if nobody can
 * record in time that it goes, or if the others turn out not to have everything without it. Then what is in flight on it is
 * waited for, so that it is given back idle; not for ever, as it may be a dead one that goes. Owned by the mailbox.
 */
final class Removal {

    private final Mirror mirror;
    private final int index;
    private final Consumer<@Nullable DeviceException> told;
    private final @Nullable Leg leg;
    private boolean over;

    /**
     * @param index a slot that is taken
     * @param told with null when the leg is gone and idle, or with why it stays
     */
    Removal(Mirror mirror, int index, Consumer<@Nullable DeviceException> told) {
        this.mirror = mirror;
        this.index = index;
        this.told = told;
        this.leg = mirror.roster().leg(index);
    }

    void start() {
        if (mirror.roster().isLeaving(index)) {
            told.accept(stays(Errno.EBUSY, "is being removed already"));
            return;
        }
        mirror.roster().leave(index, this);
        if (!mirror.options().keeps(Rule.FORGET_AFTER_RECORD)) {
            mirror.planes().clearAll(Planes.stale(index));
        }
        mirror.onRecord().await(mirror.onRecord().version(), this::recorded);
        mirror.after(
                mirror.options().legDeadlineNanos(),
                TimeUnit.NANOSECONDS,
                () -> end(stays(Errno.ETIMEDOUT, "stays: the others have not recorded in time that it goes")));
    }

    /** A leg was dropped: those that are left may need this one. */
    void lookWhetherNeeded() {
        if (leg != null && leg.takesPart() && !mirror.onRecord().canSpare(leg)) {
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
            mirror.roster().stay(index);
            told.accept(problem);
        } else {
            gone();
        }
        mirror.resync().look();
    }

    private void gone() {
        String name = mirror.roster().membership().leg(index).name();
        mirror.roster().gone(index);
        // Only now: after a crash before that it is a leg again, and lacks it still.
        mirror.planes().clearAll(Planes.stale(index));
        mirror.happened(Kind.LEG_REMOVED, index, "leg " + index + " (" + name + ") is out for good");
        if (leg == null) {
            told.accept(null);
        } else {
            leg.whenIdle(() -> told.accept(null));
        }
    }

    private DeviceException stays(Errno errno, String why) {
        return DeviceException.of(errno, mirror.name(), "leg " + index + " " + why);
    }
}
