package io.dmio.mirror;

import io.dmio.mirror.MirrorEvent.Kind;

/** Writes again, with what the others have there, what a leg could not read. Owned by the mailbox. */
final class Healing {

    private final MirrorRuntime runtime;
    private final PieceCopy.Parts parts;
    private int heals;

    Healing(PieceCopy.Parts parts) {
        this.runtime = parts.legs().runtime();
        this.parts = parts;
    }

    /** Writes a bad range of a leg again, with what the others have. */
    void heal(Leg leg, long sector, long count) {
        heals++;
        new PieceCopy(parts, new SectorRange(sector, (int) count), leg.bit(), (done, failed, problem) -> {
                    heals--;
                    if ((done & leg.bit()) != 0) {
                        leg.healed++;
                        runtime.happened(
                                Kind.HEALED,
                                leg.index,
                                "leg " + leg.index + " (" + leg.name() + "): sectors [" + sector + ", "
                                        + (sector + count) + ") were written again");
                    }
                })
                .noting()
                .start();
    }

    boolean isHealing() {
        return heals > 0;
    }
}
