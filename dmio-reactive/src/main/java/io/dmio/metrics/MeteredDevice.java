package io.dmio.metrics;

import io.dmio.BlockDevice;
import io.dmio.BlockOp;
import io.dmio.DeviceCall;
import io.dmio.DeviceException;
import io.dmio.DeviceInfo;
import io.dmio.Errno;
import io.dmio.Extent;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import jdk.jfr.EventType;
import org.jspecify.annotations.Nullable;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoOperator;

/**
 * Any device, timed: tells a {@link DeviceMeter}, and writes a {@code dmio.Io} event into a flight recording that asks for
 * it. Changes nothing: same description, signals and threads; what the device throws is signalled. The wrapped device is closed
 * with this one.
 */
public final class MeteredDevice implements BlockDevice {

    private static final EventType EVENT = EventType.getEventType(IoEvent.class);

    private final BlockDevice next;
    private final DeviceMeter meter;

    private MeteredDevice(BlockDevice next, DeviceMeter meter) {
        this.next = Objects.requireNonNull(next, "next");
        this.meter = Objects.requireNonNull(meter, "meter");
    }

    /**
     * Times a device.
     *
     * @param next the device behind
     * @param meter hears of every operation; {@link DeviceMeter#none} for JFR events alone
     * @return the device, timed
     */
    public static MeteredDevice of(BlockDevice next, DeviceMeter meter) {
        return new MeteredDevice(next, meter);
    }

    @Override
    public DeviceInfo info() {
        return next.info();
    }

    @Override
    public Mono<Void> submit(BlockOp op) {
        Objects.requireNonNull(op, "op");
        return Mono.defer(() -> {
            Timing timing = new Timing(op);
            meter.started(op);
            return timing.of(DeviceCall.of(next, op))
                    .doOnSuccess(done -> timing.end(Optional.empty()))
                    .doOnError(error -> timing.end(Optional.of(errno(error))))
                    .doOnCancel(timing::cancel);
        });
    }

    /** Not metered: it is no I/O of the caller's. */
    @Override
    public Mono<List<Extent>> extents(long sector, long sectorCount) {
        return next.extents(sector, sectorCount);
    }

    @Override
    public void pin() {
        next.pin();
    }

    @Override
    public Mono<Void> close() {
        return next.close();
    }

    @Override
    public String toString() {
        return "MeteredDevice[" + next + "]";
    }

    private static Errno errno(Throwable error) {
        return error instanceof DeviceException known ? known.errno() : Errno.EIO;
    }

    /** One operation under way. Ends once, though an answer and a cancel may come at the same time. */
    private final class Timing {
        private final BlockOp op;
        private final long startNanos = System.nanoTime();
        private final AtomicBoolean over = new AtomicBoolean();
        private final @Nullable IoEvent event;

        Timing(BlockOp op) {
            this.op = op;
            this.event = EVENT.isEnabled() ? new IoEvent(next.info().name(), op) : null;
            if (event != null) {
                event.begin();
            }
        }

        /** The work. What Reactor takes for fatal is thrown rather than signalled; what ends so has ended, too. */
        Mono<Void> of(Mono<Void> work) {
            return new MonoOperator<>(work) {
                @Override
                public void subscribe(CoreSubscriber<? super Void> subscriber) {
                    try {
                        source.subscribe(subscriber);
                    } catch (Throwable fatal) {
                        end(Optional.of(errno(fatal)));
                        throw fatal;
                    }
                }
            };
        }

        void end(Optional<Errno> errno) {
            if (over.compareAndSet(false, true)) {
                commit(errno.map(Errno::name).orElse("OK"));
                meter.ended(op, System.nanoTime() - startNanos, errno);
            }
        }

        void cancel() {
            if (over.compareAndSet(false, true)) {
                commit("CANCELLED");
                meter.cancelled(op, System.nanoTime() - startNanos);
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
