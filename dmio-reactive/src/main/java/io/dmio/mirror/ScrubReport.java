package io.dmio.mirror;

import java.util.List;
import java.util.Objects;

/**
 * What a scrub found.
 *
 * @param sectorsCompared how many sectors were compared
 * @param sectorsDifferent how many of them were not the same on all legs
 * @param sectorsRepaired how many of those were made equal
 * @param sectorsUnread how many could not be compared on all legs, because a leg lacks them, is not there, or could not read
 *     them; what a leg could not read was read again in halves down to a block
 * @param mismatches the first {@link #MISMATCHES_MAX} ranges that differ
 * @param complete false if the scrub was cancelled
 */
public record ScrubReport(
        long sectorsCompared,
        long sectorsDifferent,
        long sectorsRepaired,
        long sectorsUnread,
        List<Mismatch> mismatches,
        boolean complete) {

    /** The maximum number of ranges that a report names. */
    public static final int MISMATCHES_MAX = 1000;

    /** Copies the list. */
    public ScrubReport {
        mismatches = List.copyOf(Objects.requireNonNull(mismatches, "mismatches"));
    }

    /**
     * A range of sectors that are not the same on all legs.
     *
     * @param sector the first sector
     * @param sectorCount how many
     * @param legs bit i is set if leg i differs from the majority; where there is none, the bit of each leg that was compared
     *     is set
     */
    public record Mismatch(long sector, long sectorCount, int legs) {}

    /**
     * Returns whether all legs were read, and are the same now.
     *
     * @return true if nothing is left to repair; false while a leg is out, or lacks something
     */
    public boolean isEqual() {
        return complete && sectorsDifferent == sectorsRepaired && sectorsUnread == 0;
    }
}
