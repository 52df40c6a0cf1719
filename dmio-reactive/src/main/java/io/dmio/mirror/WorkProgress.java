package io.dmio.mirror;

import io.dmio.Sectors;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/**
 * The progress of a resync or a scrub.
 *
 * @param chunksDone the chunks done so far
 * @param chunksTotal the chunks of this run; grows if more become stale meanwhile
 * @param bytesPerSecond the rate, averaged over the run
 * @param remaining the time that remains at that rate; empty while nothing is known
 * @param paused whether the work waits for {@code resume()}
 */
public record WorkProgress(
        long chunksDone, long chunksTotal, long bytesPerSecond, Optional<Duration> remaining, boolean paused) {

    /** Checks that it is whole. */
    public WorkProgress {
        Objects.requireNonNull(remaining, "remaining");
    }

    private static final double NANOS_PER_SECOND = 1e9;
    private static final double MILLIS_PER_SECOND = 1e3;

    /** Of work that began at a time of the mirror's clock. */
    static WorkProgress of(MirrorRuntime runtime, long done, long total, long startNanos) {
        double seconds = (runtime.nanos() - startNanos) / NANOS_PER_SECOND;
        double chunksPerSecond = seconds > 0 ? done / seconds : 0;
        Optional<Duration> remaining = chunksPerSecond > 0
                ? Optional.of(Duration.ofMillis((long) ((total - done) / chunksPerSecond * MILLIS_PER_SECOND)))
                : Optional.empty();
        long rate = (long) (chunksPerSecond * Sectors.toBytes(runtime.chunkSectors()));
        return new WorkProgress(done, total, rate, remaining, false);
    }

    WorkProgress pausedIf(boolean waits) {
        return new WorkProgress(chunksDone, chunksTotal, bytesPerSecond, remaining, waits);
    }
}
