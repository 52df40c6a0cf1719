package io.dmio.copy;

import io.dmio.ErrorBits;
import io.dmio.IoRegion;
import java.util.List;
import java.util.Objects;

/**
 * The outcome of a copy, summed up over all pieces. A copy that stopped early leaves the rest of <i>every</i> destination as it
 * was: ask {@link #isComplete}, not the bits alone.
 *
 * @param errors bit <i>i</i> if destination <i>i</i> lacks something: a write, its flush, or source data that could not be
 *     read; with the first cause
 * @param unread the regions of the source that could not be read, ascending and joined; their counterparts in the destinations
 *     were not written
 * @param bytesCopied source bytes that at least one destination has; {@code errors} says which ones lack something. For
 *     zeroing, bytes that at least one destination has as zeroes
 * @param bytesZero source bytes found zero that were skipped, or that at least one destination has as zeroes
 * @param bytesDone bytes that were dealt with, well or badly
 * @param bytesTotal the length of the source
 */
public record CopyResult(
        ErrorBits errors, List<IoRegion> unread, long bytesCopied, long bytesZero, long bytesDone, long bytesTotal) {

    /** Copies the list. */
    public CopyResult {
        Objects.requireNonNull(errors, "errors");
        unread = List.copyOf(Objects.requireNonNull(unread, "unread"));
    }

    /**
     * Returns whether every destination holds the whole source.
     *
     * @return true if nothing failed and nothing was left out
     */
    public boolean isComplete() {
        return errors.isClear() && bytesDone == bytesTotal;
    }
}
