package io.dmio.mirror;

import io.dmio.DeviceException;
import io.dmio.Reason;

/**
 * Why a mirror is not started, or a leg not taken, though somebody who knows better may overrule it by an option:
 * {@link DeviceException#reason()} of what {@link MirrorDevice}'s methods signal then. Refusals that no option overrules have none.
 */
public enum MirrorRefusal implements Reason {

    /** A leg that took part is not there, and may have taken writes alone; {@link MirrorOptions.Builder#degraded} overrules. */
    LEG_MISSING("bring it, or, if it has not, open degraded"),

    /** Some chunk is whole on no leg that is there; {@link MirrorOptions.Builder#trust} overrules. */
    CONTENT_MISSING("bring the leg that has it, or name the one that counts (trust)"),

    /** Legs took part apart from each other, so that each may have what the other lacks; {@link MirrorOptions.Builder#trust} overrules. */
    SPLIT_BRAIN("name the one that counts (trust), and the others get its content"),

    /** Another process or machine has the mirror open; {@link OwnerOptions} with takeover overrules. */
    OPEN_ELSEWHERE("close it there; or, if that one is dead or cut off for sure, take it over (takeover)"),

    /** The device carries a mirror; {@link MirrorOptions.Builder#overwrite} overrules. */
    OTHER_MIRROR("open that, or say that it may be overwritten"),

    /** The device was a leg of this mirror, and was removed or went on without it; {@link MirrorOptions.Builder#overwrite} overrules. */
    FORMER_LEG("say that it may be overwritten"),

    /** The device has larger blocks than the mirror's users rely on; {@link MirrorOptions.Builder#blockBytes} overrules, for later ones. */
    LARGER_BLOCKS("close the mirror, open it with these blocks (blockBytes), and add it then");

    private final String remedy;

    MirrorRefusal(String remedy) {
        this.remedy = remedy;
    }

    @Override
    public String remedy() {
        return remedy;
    }
}
