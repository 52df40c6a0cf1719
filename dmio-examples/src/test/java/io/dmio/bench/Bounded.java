package io.dmio.bench;

import io.dmio.BlockDevice;
import io.dmio.BlockOp;
import io.dmio.ForwardingDevice;
import io.dmio.Sectors;
import java.time.Duration;
import reactor.core.publisher.Mono;

/** A disk that passes so many bytes a second, one operation after the other. */
final class Bounded extends ForwardingDevice {
    private final double bytesPerNano;
    private long freeNanos = System.nanoTime();

    Bounded(BlockDevice next, long bytesPerSecond) {
        super(next);
        this.bytesPerNano = bytesPerSecond / 1e9;
    }

    @Override
    public Mono<Void> submit(BlockOp op) {
        return Mono.defer(() -> super.submit(op)
                .then(Mono.delay(reserve(Sectors.toBytes(op.sectorCount()))).then()));
    }

    private synchronized Duration reserve(long bytes) {
        long now = System.nanoTime();
        freeNanos = Math.max(now, freeNanos) + (long) (bytes / bytesPerNano);
        return Duration.ofNanos(freeNanos - now);
    }
}
