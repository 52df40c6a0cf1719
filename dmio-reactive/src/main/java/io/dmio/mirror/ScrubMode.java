package io.dmio.mirror;

import io.dmio.mirror.disk.LegLayout;
import java.util.Objects;

/**
 * What a scrub does where legs differ.
 *
 * @param repair whether it makes them equal, or only reports it
 * @param authority the leg that is right where there is no majority; -1 if nobody knows, and then it is only reported
 */
public record ScrubMode(boolean repair, int authority) {

    /** Checks that the authority may be a leg. */
    public ScrubMode {
        if (authority < LegLayout.NO_LEG || authority >= LegLayout.LEGS_MAX) {
            throw new IllegalArgumentException("authority " + authority + " is no leg, nor -1");
        }
    }

    /** Compares and reports. */
    public static final ScrubMode CHECK = new ScrubMode(false, LegLayout.NO_LEG);

    /** Makes legs equal where more than half of them agree. */
    public static final ScrubMode REPAIR = new ScrubMode(true, LegLayout.NO_LEG);

    /**
     * Returns the mode that makes legs equal: by majority, and where there is none, by one leg; only reported where that one
     * lacks something.
     *
     * @param leg the index of that leg
     * @return the mode
     */
    public static ScrubMode repairFrom(int leg) {
        return new ScrubMode(true, Objects.checkIndex(leg, LegLayout.LEGS_MAX));
    }
}
