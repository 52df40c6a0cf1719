package io.dmio.mirror;

import io.dmio.DeviceException;
import io.dmio.mirror.MirrorEvent.Kind;
import org.jspecify.annotations.Nullable;

/** Writes a range that a leg could not read there again, with what the others have. Owned by the mailbox. */
final class Heal {

    private final Mirror mirror;
    private final Leg leg;
    private final long sector;
    private final long count;
    private final Runnable over;

    Heal(Mirror mirror, Leg leg, long sector, long count, Runnable over) {
        this.mirror = mirror;
        this.leg = leg;
        this.sector = sector;
        this.count = count;
        this.over = over;
    }

    void start() {
        new PieceCopy(mirror, new long[] {sector, count}, leg.bit(), this::ended)
                .noting()
                .start();
    }

    private void ended(int done, int failed, @Nullable DeviceException problem) {
        over.run();
        if ((done & leg.bit()) != 0) {
            leg.healed++;
            mirror.happened(
                    Kind.HEALED,
                    leg.index,
                    "leg " + leg.index + " (" + leg.name() + "): sectors [" + sector + ", " + (sector + count)
                            + ") were written again");
        }
    }
}
