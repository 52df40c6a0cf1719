package io.dmio.nbd.server;

import java.util.List;
import reactor.core.publisher.Mono;

/** The source of what a server tells in a metadata context: a number for each part of a range. */
@FunctionalInterface
public interface RangeStatus {

    /** Sectors of the same status, at least one. */
    record Part(long sectorCount, int status) {}

    /**
     * Returns the status of a range.
     *
     * @param sector the first sector
     * @param sectorCount how many, at least 1; inside the device
     * @return a Mono of at least one part; the parts follow each other from {@code sector} on, and may end before the range does
     */
    Mono<List<Part>> of(long sector, long sectorCount);
}
