package io.dmio;

import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * A device with all capabilities: what the wrapped device cannot do is done by what it can, as nbdkit emulates and
 * {@code blkdev_issue_zeroout} falls back. A forced write ({@link Capability#FUA}) becomes a write and a flush. A write-zeroes
 * becomes writes of zeroes. A discard, which leaves zeroes here, becomes a write-zeroes where the wrapped device does not
 * promise zeroes. Everything that the wrapped device can do is passed on as it is. A device without {@link Capability#FLUSH} is
 * taken to have no cache: it has nothing to flush.
 *
 * <p>A device has one flush in flight at a time, whichever caller asks for it; callers that ask meanwhile share the next flush.
 * A flush that fails is reported to all callers that wait, and a write that was forced by a flush errors if any flush failed
 * since it began, because a device reports a loss only once.
 *
 * <p>Signals come on the thread of the wrapped device, or on the caller's. An operation that takes several operations of the
 * wrapped device is not atomic: after an error or a cancel it may be done in part. After an error no further operation is
 * begun, and the first error is signalled when those in flight have ended.
 */
public final class DeviceFallback extends ForwardingDevice {

    private static final int WRITES_IN_FLIGHT_MAX = 8;

    private final FlushTurn turn;
    private final DeviceInfo able;
    private final DeviceInfo info;
    private final int inFlightMax;

    private DeviceFallback(BlockDevice behind, int inFlightMax) {
        super(behind);
        this.turn = FlushTurn.of(behind);
        this.able = behind.info();
        this.info = able.withCapabilities(all(able.capabilities()));
        this.inFlightMax = inFlightMax;
    }

    /**
     * Returns a device with all capabilities; those that only a writable device has, only if the wrapped device is writable.
     *
     * @param behind the device to wrap; it is not closed unless the returned device is
     * @return the device; zeroes are written in up to 8 pieces at a time
     */
    public static DeviceFallback of(BlockDevice behind) {
        return new DeviceFallback(behind, WRITES_IN_FLIGHT_MAX);
    }

    /**
     * Returns the same for devices that are written in ascending order, such as zoned disks.
     *
     * @param behind the device to wrap; it is not closed unless the returned device is
     * @return the device; zeroes are written one piece after the other
     */
    public static DeviceFallback inOrder(BlockDevice behind) {
        return new DeviceFallback(behind, 1);
    }

    private static Set<Capability> all(Set<Capability> able) {
        EnumSet<Capability> all = EnumSet.of(Capability.FLUSH);
        all.addAll(able);
        if (!able.contains(Capability.READ_ONLY)) {
            all.addAll(EnumSet.complementOf(EnumSet.of(Capability.READ_ONLY)));
        }
        return all;
    }

    @Override
    public DeviceInfo info() {
        return info;
    }

    @Override
    public Mono<Void> submit(BlockOp op) {
        return switch (op.kind()) {
            case READ -> behind().submit(op);
            case WRITE -> write((BlockOp.Write) op);
            case FLUSH -> able.can(Capability.FLUSH) ? turn.flush(behind()) : Mono.empty();
            case WRITE_ZEROES -> zero(op);
            case DISCARD ->
                able.can(Capability.DISCARD) && able.can(Capability.DISCARD_ZEROES) ? behind().submit(op) : zero(op);
        };
    }

    private Mono<Void> write(BlockOp.Write op) {
        if (!op.fua() || able.can(Capability.FUA)) {
            return behind().submit(op);
        }
        return able.can(Capability.FLUSH)
                ? turn.force(behind(), op)
                : DeviceCall.of(behind(), new BlockOp.Write(op.sector(), op.from(), false));
    }

    private Mono<Void> zero(BlockOp op) {
        return able.can(Capability.WRITE_ZEROES)
                ? behind().submit(new BlockOp.WriteZeroes(op.sector(), op.sectorCount()))
                : Mono.defer(() -> writeZeroes(op));
    }

    private Mono<Void> writeZeroes(BlockOp op) {
        Optional<DeviceException> refused = info.refusal(op);
        if (refused.isPresent()) { // as a whole, before its first part is written
            return Mono.error(refused.get());
        }
        int block = info.logicalBlockBytes();
        int step = Math.min(info.transferBytesMax(), PagePool.ZERO_BYTES) / block * block / Sectors.BYTES;
        AtomicReference<@Nullable Throwable> failed = new AtomicReference<>();
        return Sectors.steps(op.sectorCount(), step)
                .takeWhile(from -> failed.get() == null)
                .flatMap(
                        from -> zeroes(op.sector() + from, Math.min(step, op.sectorCount() - from))
                                .onErrorResume(
                                        failure -> { // kept: flatMapDelayError would make one composite of several
                                            failed.compareAndSet(null, failure);
                                            return Mono.empty();
                                        }),
                        inFlightMax)
                .then(Mono.defer(() -> {
                    Throwable first = failed.get();
                    return first == null ? Mono.empty() : Mono.error(first);
                }));
    }

    private Mono<Void> zeroes(long sector, long count) {
        int bytes = (int) Sectors.toBytes(count);
        return DeviceCall.of(
                behind(), new BlockOp.Write(sector, PagePool.zeroes().slice(0, bytes), false));
    }
}
