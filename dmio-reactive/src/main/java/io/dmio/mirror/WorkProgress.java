package io.dmio.mirror;

import java.time.Duration;
import java.util.Optional;

/**
 * How far a resync or a scrub is.
 *
 * @param chunksDone so far
 * @param chunksTotal of this run; grows if more becomes stale meanwhile
 * @param bytesPerSecond averaged over the run
 * @param remaining at that rate; empty while nothing is known
 * @param paused whether it waits for {@code resume()}
 */
public record WorkProgress(
        long chunksDone, long chunksTotal, long bytesPerSecond, Optional<Duration> remaining, boolean paused) {}
