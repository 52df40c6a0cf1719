package io.dmio.mirror;

import io.dmio.DeviceException;
import io.dmio.Reason;

/**
 * Why a mirror is not started, or a leg not accepted, although an option can overrule the refusal, for somebody who knows
 * better. It is the {@link DeviceException#reason()} of what the methods of {@link MirrorDevice} signal then. Refusals that no
 * option overrules have none.
 */
public enum MirrorRefusal implements Reason {

    /** A leg that took part is not there, and may have taken writes alone; overruled by {@link MirrorOptions.Builder#degraded}. */
    LEG_MISSING("bring it, or, if it has not, open degraded"),

    /** Some chunk is whole on no leg that is there; overruled by {@link MirrorOptions.Builder#trust}. */
    CONTENT_MISSING("bring the leg that has it, or name the one that counts (trust)"),

    /** Legs took part apart from each other, so that each may have what the other lacks; overruled by {@link MirrorOptions.Builder#trust}. */
    SPLIT_BRAIN("name the one that counts (trust), and the others get its content"),

    /** Another process or machine has the mirror open; overruled by {@link OwnerOptions} with takeover. */
    OPEN_ELSEWHERE("close it there; or, if that one is dead or cut off for sure, take it over (takeover)"),

    /** The device carries a mirror; overruled by {@link MirrorOptions.Builder#overwrite}. */
    OTHER_MIRROR("open that, or say that it may be overwritten"),

    /** The device was a leg of this mirror, and was removed or went on without it; overruled by {@link MirrorOptions.Builder#overwrite}. */
    FORMER_LEG("say that it may be overwritten"),

    /**
     * The device has larger blocks than the mirror's users rely on; overruled, for later ones, by
     * {@link MirrorOptions.Builder#blockBytes}.
     */
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
