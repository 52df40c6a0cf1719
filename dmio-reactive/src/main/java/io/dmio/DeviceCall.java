package io.dmio;

import io.dmio.concurrent.Deferred;
import io.dmio.concurrent.Dropped;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.Scannable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;
import reactor.util.context.Context;

/**
 * One operation of a device, submitted on behalf of a caller that holds something until the operation has ended, such as a
 * wrapper. Whatever the device does, there is exactly one signal, and an error is a {@link DeviceException}. A device may
 * throw, return null, or signal twice; it may also signal an error that Reactor calls fatal, which operators throw instead of
 * passing it on.
 */
public final class DeviceCall extends Mono<Void> {

    private final BlockDevice device;
    private final BlockOp op;

    private DeviceCall(BlockDevice device, BlockOp op) {
        this.device = Objects.requireNonNull(device, "device");
        this.op = Objects.requireNonNull(op, "op");
    }

    /**
     * Returns a Mono that submits an operation to a device.
     *
     * @param device the device
     * @param op the operation
     * @return as {@link BlockDevice#submit}: cold, and a cancel reaches the device
     */
    public static Mono<Void> of(BlockDevice device, BlockOp op) {
        return new DeviceCall(device, op);
    }

    /**
     * Returns a Mono that asks a device for its extents, with the same safety: whatever the device throws or signals, or a null
     * that it returns, becomes a {@link DeviceException}. Extents of another place or after a gap are left out, because they
     * must not pass for a hole here; everything beyond the range is left out, too.
     *
     * @param device the device
     * @param sector the first sector
     * @param sectorCount how many
     * @return as {@link BlockDevice#extents}: cold, and a cancel reaches the device; errors with EIO if the device reports
     *     nothing of the range
     */
    public static Mono<List<Extent>> extents(BlockDevice device, long sector, long sectorCount) {
        Objects.requireNonNull(device, "device");
        return Deferred.mono(() -> device.extents(sector, sectorCount))
                .map(extents -> following(extents, sector, sectorCount, device))
                .onErrorMap(thrown -> DeviceException.wrap(name(device), "extents", thrown));
    }

    private static List<Extent> following(List<Extent> extents, long sector, long sectorCount, BlockDevice device) {
        List<Extent> told = new ArrayList<>();
        long at = sector;
        long end = sector + sectorCount;
        for (Extent extent : extents) {
            if (extent.sector() != at || at == end) {
                break;
            }
            long count = Math.min(extent.sectorCount(), end - at);
            told.add(new Extent(at, count, extent.kind()));
            at += count;
        }
        if (told.isEmpty() && sectorCount > 0) {
            throw DeviceException.of(
                    Errno.EIO, name(device), "tells no extent of sectors [" + sector + ", " + end + ")");
        }
        return told;
    }

    private static String name(BlockDevice device) {
        try {
            return device.info().name();
        } catch (Throwable broken) { // as broken as the rest of the device
            return "a device";
        }
    }

    @Override
    public void subscribe(CoreSubscriber<? super Void> actual) {
        Run run = new Run(this, actual);
        actual.onSubscribe(run);
        run.ask();
    }

    /** One subscription, between the device and the subscriber. */
    private static final class Run implements CoreSubscriber<Void>, Subscription, Scannable {

        private static final AtomicIntegerFieldUpdater<Run> ENDED =
                AtomicIntegerFieldUpdater.newUpdater(Run.class, "ended");

        private final DeviceCall of;
        private final CoreSubscriber<? super Void> actual;
        private volatile @Nullable Subscription device;
        private volatile boolean cancelled;
        private String name = "a device"; // asked for beforehand: a device that broke may not tell it
        private @Nullable Throwable bySubscriber;

        @SuppressWarnings("UnusedVariable") // read by its updater
        private volatile int ended;

        Run(DeviceCall of, CoreSubscriber<? super Void> actual) {
            this.of = of;
            this.actual = actual;
        }

        @SuppressWarnings("ReferenceEquality") // this very one, or none
        void ask() {
            if (cancelled) {
                return;
            }
            try {
                name = of.device.info().name();
                of.device.submit(of.op).subscribe(this);
            } catch (Throwable thrown) {
                if (thrown == bySubscriber) {
                    throw thrown; // passed on: it is not the device's failure
                }
                onError(thrown);
            }
        }

        @Override
        public Context currentContext() {
            return actual.currentContext();
        }

        @Override
        public void onSubscribe(Subscription ofDevice) {
            device = ofDevice;
            if (cancelled) {
                ofDevice.cancel();
            } else {
                ofDevice.request(Long.MAX_VALUE);
            }
        }

        @Override
        public void onNext(Void never) {}

        @Override
        public void onError(Throwable thrown) {
            if (isFirstEnd()) {
                tell(DeviceException.wrap(name, of.op, thrown));
            } else {
                Dropped.error(thrown, currentContext());
            }
        }

        @Override
        public void onComplete() {
            if (isFirstEnd()) {
                tell(null);
            }
        }

        @Override
        @SuppressWarnings("rawtypes") // as Reactor declares it
        public @Nullable Object scanUnsafe(Attr key) {
            return key.equals(Attr.ACTUAL) ? actual : null;
        }

        @Override
        public void request(long n) {
            Operators.validate(n); // nothing to count: completion carries no value
        }

        @Override
        public void cancel() {
            cancelled = true;
            Subscription begun = device;
            if (begun != null) {
                begun.cancel();
            }
        }

        private boolean isFirstEnd() {
            return ENDED.compareAndSet(this, 0, 1);
        }

        private void tell(@Nullable DeviceException failure) {
            try {
                if (failure == null) {
                    actual.onComplete();
                } else {
                    actual.onError(failure);
                }
            } catch (Throwable thrown) {
                bySubscriber = thrown;
                throw thrown;
            }
        }
    }
}
