package io.dmio.bench;

import io.dmio.BlockDevice;
import io.dmio.BlockOp;
import io.dmio.DeviceInfo;
import io.dmio.Sectors;
import java.time.Duration;
import reactor.core.publisher.Mono;

/** A disk that passes so many bytes a second, one operation after the other. */
final class Bounded implements BlockDevice {
    private final BlockDevice next;
    private final double bytesPerNano;
    private long freeNanos = System.nanoTime();

    Bounded(BlockDevice next, long bytesPerSecond) {
        this.next = next;
        this.bytesPerNano = bytesPerSecond / 1e9;
    }

    @Override
    public DeviceInfo info() {
        return next.info();
    }

    @Override
    public Mono<Void> submit(BlockOp op) {
        return Mono.defer(() -> next.submit(op)
                .then(Mono.delay(reserve(Sectors.toBytes(op.sectorCount()))).then()));
    }

    @Override
    public Mono<Void> close() {
        return next.close();
    }

    private synchronized Duration reserve(long bytes) {
        long now = System.nanoTime();
        freeNanos = Math.max(now, freeNanos) + (long) (bytes / bytesPerNano);
        return Duration.ofNanos(freeNanos - now);
    }
}
