package io.dmio.metrics;

import io.dmio.BlockOp;
import io.dmio.DeviceInfo;
import io.dmio.Errno;
import io.dmio.PageBudget;
import io.dmio.PagePool;
import io.dmio.Sectors;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Micrometer meters of one device, and of the process's memory and a client's budget. Needs {@code micrometer-core}, which the
 * library does not bring. Devices of one name, also one that was opened again, share their meters: the numbers add up. The
 * meters' names are in docs/metrics.md; {@link LatencyBuckets} makes histograms of the times.
 *
 * <p>An operation costs a look at the clock at both ends, and two additions; nothing is allocated or looked up except for a
 * failure.
 */
public final class MicrometerMeter implements DeviceMeter {

    private static final String OK = "OK";
    private static final String CANCELLED = "CANCELLED";

    private final MeterRegistry registry;
    private final String device;
    private final Map<BlockOp.Kind, Timer> successes = new EnumMap<>(BlockOp.Kind.class); // complete, then read only
    private final Map<BlockOp.Kind, Counter> bytes = new EnumMap<>(BlockOp.Kind.class);
    private final Map<BlockOp.Kind, Map<String, Timer>> others = new EnumMap<>(BlockOp.Kind.class); // by result
    private final AtomicInteger inFlight;

    private MicrometerMeter(MeterRegistry registry, String device) {
        this.registry = registry;
        this.device = device;
        for (BlockOp.Kind kind : BlockOp.Kind.values()) {
            successes.put(kind, LibraryMeter.IO.timer(registry, device, kind.words(), OK));
            bytes.put(kind, LibraryMeter.IO_BYTES.counter(registry, device, kind.words()));
            others.put(kind, new ConcurrentHashMap<>());
        }
        this.inFlight = InFlight.of(registry, device);
    }

    /**
     * Registers a device's meters, for {@link MeteredDevice#of}.
     *
     * @param registry where to register them
     * @param info the device, for its name
     * @return the meter
     */
    public static MicrometerMeter of(MeterRegistry registry, DeviceInfo info) {
        return new MicrometerMeter(Objects.requireNonNull(registry, "registry"), info.name());
    }

    /**
     * Registers the numbers of the process's {@link PagePool}.
     *
     * @param registry where to register them
     */
    public static void bindPagePool(MeterRegistry registry) {
        PagePool pool = PagePool.shared();
        LibraryMeter.BOUNCES.addCounter(registry, pool, PagePool::bounceCount);
        LibraryMeter.BOUNCE_BYTES.addCounter(registry, pool, PagePool::bounceBytes);
        LibraryMeter.POOL_RESERVED.addGauge(registry, pool::reservedBytes);
    }

    /**
     * Registers a client's page budget; the registry holds it until the gauges are removed, or show another one.
     *
     * @param registry where to register it
     * @param name the value of the tag {@code budget}; if it had a budget before, the gauges show this one from now on
     * @param budget as from {@link io.dmio.DmIo#budget}
     */
    public static void bindBudget(MeterRegistry registry, String name, PageBudget budget) {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(budget, "budget");
        LibraryMeter.BUDGET_CAPACITY.gauge(registry, budget::capacity, name);
        LibraryMeter.BUDGET_INUSE.gauge(registry, budget::inUse, name);
        LibraryMeter.BUDGET_FREE.gauge(registry, () -> Math.max(0, budget.capacity() - budget.inUse()), name);
        LibraryMeter.BUDGET_WAITING.gauge(registry, budget::waiting, name);
    }

    @Override
    public void started(BlockOp op) {
        Objects.requireNonNull(op, "op");
        inFlight.incrementAndGet();
    }

    @Override
    public void ended(BlockOp op, long nanos, Optional<Errno> errno) {
        inFlight.decrementAndGet();
        if (errno.isPresent()) {
            other(op.kind(), errno.get().name()).record(nanos, TimeUnit.NANOSECONDS);
            return;
        }
        Objects.requireNonNull(successes.get(op.kind())).record(nanos, TimeUnit.NANOSECONDS);
        Objects.requireNonNull(bytes.get(op.kind())).increment((double) Sectors.toBytes(op.sectorCount()));
    }

    @Override
    public void cancelled(BlockOp op, long nanos) {
        inFlight.decrementAndGet();
        other(op.kind(), CANCELLED).record(nanos, TimeUnit.NANOSECONDS);
    }

    private Timer other(BlockOp.Kind kind, String result) {
        return Objects.requireNonNull(others.get(kind))
                .computeIfAbsent(result, first -> LibraryMeter.IO.timer(registry, device, kind.words(), first));
    }
}
