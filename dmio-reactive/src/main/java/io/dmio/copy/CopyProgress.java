package io.dmio.copy;

import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/**
 * The progress of a copy.
 *
 * @param bytesDone bytes that were dealt with, well or badly
 * @param bytesTotal the length of the source
 * @param bytesPerSecond the recent rate, in which the last few seconds weigh most; 0 before anything was done
 * @param eta how long the rest takes at this rate, zero at the end; empty before anything was done, while the copy is paused,
 *     and if no clock could count it
 */
public record CopyProgress(long bytesDone, long bytesTotal, double bytesPerSecond, Optional<Duration> eta) {

    /** Checks for nulls. */
    public CopyProgress {
        Objects.requireNonNull(eta, "eta");
    }

    /**
     * Returns the progress as a fraction.
     *
     * @return 0 to 1; 1 for an empty copy
     */
    public double fraction() {
        return bytesTotal == 0 ? 1 : (double) bytesDone / bytesTotal;
    }
}
