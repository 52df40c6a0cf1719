package io.dmio.copy;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Turns byte counts at moments into a rate that neither jumps nor clings to the past: what is older than {@value #MEMORY_SECONDS} seconds
 * weighs a third of what is new. One for each reader; not safe for concurrent use.
 */
final class ProgressMeter {

    private static final double MEMORY_SECONDS = 5;
    private static final double SECONDS_MAX = TimeUnit.DAYS.toSeconds(365_000); // beyond it no clock can tell

    private long bytesBefore;
    private long nanosBefore;
    private double bytesPerSecond;
    private boolean measured;

    ProgressMeter(long bytes, long nanos) {
        this.bytesBefore = bytes;
        this.nanosBefore = nanos;
    }

    CopyProgress sample(long bytes, long bytesTotal, long nanos, boolean paused) {
        double seconds = (nanos - nanosBefore) / 1e9;
        if (seconds > 0) {
            double now = (bytes - bytesBefore) / seconds;
            double weight = measured ? 1 - Math.exp(-seconds / MEMORY_SECONDS) : 1;
            bytesPerSecond += (now - bytesPerSecond) * weight;
            measured = true;
            bytesBefore = bytes;
            nanosBefore = nanos;
        }
        return new CopyProgress(bytes, bytesTotal, bytesPerSecond, eta(bytesTotal - bytes, paused));
    }

    private Optional<Duration> eta(long bytesLeft, boolean paused) {
        if (bytesLeft == 0) {
            return Optional.of(Duration.ZERO);
        }
        if (paused) {
            return Optional.empty();
        }
        double seconds = bytesLeft / bytesPerSecond;
        return seconds < SECONDS_MAX ? Optional.of(Duration.ofMillis((long) (seconds * 1e3))) : Optional.empty();
    }
}
