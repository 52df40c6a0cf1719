package io.dmio.copy;

import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/**
 * How far a copy is.
 *
 * @param bytesDone dealt with, well or badly
 * @param bytesTotal the length of the source
 * @param bytesPerSecond lately, the last few seconds weighing most; 0 before anything was done
 * @param eta how long the rest takes at this rate, zero at the end; empty before anything was done, while the copy is paused,
 *     and if no clock could count it
 */
public record CopyProgress(long bytesDone, long bytesTotal, double bytesPerSecond, Optional<Duration> eta) {

    /** Checks for nulls. */
    public CopyProgress {
        Objects.requireNonNull(eta, "eta");
    }

    /**
     * How far, as a share.
     *
     * @return 0 to 1; 1 for an empty copy
     */
    public double fraction() {
        return bytesTotal == 0 ? 1 : (double) bytesDone / bytesTotal;
    }
}
