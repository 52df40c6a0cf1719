package io.dmio.nbd;

import java.util.List;
import reactor.core.publisher.Mono;

/**
 * The source of what a server reports in a metadata context: a number for each run of sectors, whose meaning is the context's
 * own.
 *
 * @see NbdExport#withStatus
 */
@FunctionalInterface
public interface BlockStatus {

    /**
     * A run of sectors with the same status.
     *
     * @param sectorCount how many, at least 1
     * @param status what is reported of them
     */
    record Run(long sectorCount, int status) {
        /** Checks that there is at least one sector. */
        public Run {
            if (sectorCount < 1) {
                throw new IllegalArgumentException("a run of " + sectorCount + " sectors");
            }
        }
    }

    /**
     * Returns the status of a range.
     *
     * @param sector the first sector
     * @param sectorCount how many, at least 1; inside the device
     * @return a Mono of at least one run; the runs follow each other from {@code sector} on, and may end before the range does
     */
    Mono<List<Run>> of(long sector, long sectorCount);
}
