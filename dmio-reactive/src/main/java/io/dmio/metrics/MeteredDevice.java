package io.dmio.metrics;

import io.dmio.BlockDevice;
import io.dmio.BlockOp;
import io.dmio.DeviceCall;
import io.dmio.DeviceException;
import io.dmio.Errno;
import io.dmio.ForwardingDevice;
import io.dmio.concurrent.Dropped;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import jdk.jfr.EventType;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.Scannable;
import reactor.core.publisher.Mono;
import reactor.util.context.Context;

/**
 * A device that is timed: it tells a {@link DeviceMeter}, and writes a {@code dmio.Io} event into a flight recording that asks
 * for it. Changes nothing: same description, signals and threads; what the wrapped device throws is signalled. The wrapped
 * device is closed with this one.
 */
public final class MeteredDevice extends ForwardingDevice {

    private static final EventType EVENT = EventType.getEventType(IoEvent.class);

    private static final AtomicIntegerFieldUpdater<Timing> OVER =
            AtomicIntegerFieldUpdater.newUpdater(Timing.class, "over");

    private final DeviceMeter meter;

    private MeteredDevice(BlockDevice behind, DeviceMeter meter) {
        super(behind);
        this.meter = Objects.requireNonNull(meter, "meter");
    }

    /**
     * Returns a device that is timed.
     *
     * @param behind the wrapped device; closed with the returned one
     * @param meter hears of every operation; {@link DeviceMeter#none} for JFR events alone
     * @return the device, timed
     */
    public static MeteredDevice of(BlockDevice behind, DeviceMeter meter) {
        return new MeteredDevice(behind, meter);
    }

    @Override
    public Mono<Void> submit(BlockOp op) {
        Objects.requireNonNull(op, "op");
        return new Timed(op);
    }

    // What a meter throws, though it must not, is no reason to lose an operation, or not to hear of its end.
    private static void tell(Runnable meter) {
        try {
            meter.run();
        } catch (Throwable thrown) {
            Dropped.error(thrown, Context.empty());
        }
    }

    private static Errno errno(Throwable error) {
        return error instanceof DeviceException known ? known.errno() : Errno.EIO;
    }

    /** An operation that is timed anew by each subscription. */
    private final class Timed extends Mono<Void> {
        private final BlockOp op;
        private final Mono<Void> work;

        Timed(BlockOp op) {
            this.op = op;
            this.work = DeviceCall.of(behind(), op);
        }

        @Override
        public void subscribe(CoreSubscriber<? super Void> actual) {
            Timing timing = new Timing(op, actual);
            tell(() -> meter.started(op));
            try {
                work.subscribe(timing);
            } catch (Throwable bySubscriber) { // who throws when it is told anything will not be told the end
                timing.end(Optional.of(errno(bySubscriber)));
                throw bySubscriber;
            }
        }
    }

    /**
     * One operation under way, between the device and the subscriber. Ends once, though an answer and a cancel may come at the same
     * time. One object, where operators for three signals would be six, on a way that every operation of a metered leg goes.
     */
    private final class Timing implements CoreSubscriber<Void>, Subscription, Scannable {
        private final BlockOp op;
        private final CoreSubscriber<? super Void> actual;
        private final long startNanos = System.nanoTime();
        private final @Nullable IoEvent event;
        private volatile @Nullable Subscription device; // set before anybody can cancel

        @SuppressWarnings("UnusedVariable") // read by its updater
        private volatile int over;

        Timing(BlockOp op, CoreSubscriber<? super Void> actual) {
            this.op = op;
            this.actual = actual;
            this.event = EVENT.isEnabled() ? new IoEvent(info().name(), op) : null;
            if (event != null) {
                event.begin();
            }
        }

        @Override
        public Context currentContext() {
            return actual.currentContext();
        }

        @Override
        public void onSubscribe(Subscription ofDevice) {
            device = ofDevice;
            actual.onSubscribe(this);
        }

        @Override
        public void onNext(Void never) {}

        @Override
        public void onError(Throwable failure) {
            end(Optional.of(errno(failure)));
            actual.onError(failure);
        }

        @Override
        public void onComplete() {
            end(Optional.empty());
            actual.onComplete();
        }

        @Override
        public void request(long n) {
            Subscription begun = device;
            if (begun != null) {
                begun.request(n);
            }
        }

        @Override
        public void cancel() {
            if (OVER.compareAndSet(this, 0, 1)) {
                commit("CANCELLED");
                tell(() -> meter.cancelled(op, System.nanoTime() - startNanos));
            }
            Subscription begun = device;
            if (begun != null) {
                begun.cancel();
            }
        }

        @Override
        @SuppressWarnings("rawtypes") // as Reactor declares it
        public @Nullable Object scanUnsafe(Attr key) {
            return key.equals(Attr.ACTUAL) ? actual : null;
        }

        void end(Optional<Errno> errno) {
            if (OVER.compareAndSet(this, 0, 1)) {
                commit(errno.map(Errno::name).orElse("OK"));
                tell(() -> meter.ended(op, System.nanoTime() - startNanos, errno));
            }
        }

        private void commit(String result) {
            if (event != null) {
                event.result = result;
                event.commit();
            }
        }
    }
}
