package io.dmio.metrics;

import io.dmio.BlockOp;
import io.dmio.DeviceInfo;
import io.dmio.Errno;
import io.dmio.PageBudget;
import io.dmio.PagePool;
import io.dmio.Sectors;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntSupplier;

/**
 * Feeds a Micrometer registry with one device's numbers, and offers the process's memory numbers and a client's budget. Needs
 * {@code micrometer-core}, which the library does not bring. Devices of one name, also one that was opened again, share their
 * meters: the numbers add up.
 *
 * <table>
 * <caption>Meters</caption>
 * <tr><th>Name</th><th>Is</th><th>Tags</th></tr>
 * <tr><td>{@code dmio.io}</td><td>timer, subscribe to answer</td><td>device, kind, result: {@code OK}, an errno or
 * {@code CANCELLED}</td></tr>
 * <tr><td>{@code dmio.io.bytes}</td><td>bytes read, written, discarded and zeroed with success</td><td>device, kind</td></tr>
 * <tr><td>{@code dmio.io.inflight}</td><td>operations now waited for</td><td>device</td></tr>
 * <tr><td>{@code dmio.bounces}, {@code dmio.bounce.bytes}</td><td>copies of misaligned memory</td><td></td></tr>
 * <tr><td>{@code dmio.pool.reserved}</td><td>bytes the page pool holds from the system</td><td></td></tr>
 * <tr><td>{@code dmio.budget.capacity}, {@code .inuse}, {@code .waiting}</td><td>pages, pages, requests</td>
 * <td>budget</td></tr>
 * </table>
 */
public final class MicrometerMeter implements DeviceMeter {

    private final MeterRegistry registry;
    private final String device;
    private final Map<BlockOp.Kind, Timer> successes = new EnumMap<>(BlockOp.Kind.class); // complete, then read only
    private final Map<BlockOp.Kind, Counter> bytes = new EnumMap<>(BlockOp.Kind.class);
    private final AtomicInteger inFlight;

    private MicrometerMeter(MeterRegistry registry, String device) {
        this.registry = registry;
        this.device = device;
        for (BlockOp.Kind kind : BlockOp.Kind.values()) {
            successes.put(kind, timer(kind, "OK"));
            bytes.put(
                    kind,
                    Counter.builder("dmio.io.bytes")
                            .tags("device", device, "kind", kind.words())
                            .baseUnit("bytes")
                            .register(registry));
        }
        this.inFlight = InFlight.of(registry, device);
    }

    /**
     * Registers a device's meters, for {@link MeteredDevice#of}.
     *
     * @param registry where to
     * @param info the device, for its name
     * @return the meter
     */
    public static MicrometerMeter of(MeterRegistry registry, DeviceInfo info) {
        return new MicrometerMeter(Objects.requireNonNull(registry, "registry"), info.name());
    }

    /**
     * Registers the numbers of the process's {@link PagePool}.
     *
     * @param registry where to
     */
    public static void bindPagePool(MeterRegistry registry) {
        PagePool pool = PagePool.shared();
        FunctionCounter.builder("dmio.bounces", pool, PagePool::bounceCount).register(registry);
        FunctionCounter.builder("dmio.bounce.bytes", pool, PagePool::bounceBytes)
                .baseUnit("bytes")
                .register(registry);
        Gauge.builder("dmio.pool.reserved", pool, PagePool::reservedBytes)
                .baseUnit("bytes")
                .register(registry);
    }

    /**
     * Registers a client's page budget; the registry holds it until the gauges are removed, or show another one.
     *
     * @param registry where to
     * @param name the value of the tag {@code budget}; if it had a budget before, the gauges show this one from now on
     * @param budget as from {@link io.dmio.DmIo#budget}
     */
    public static void bindBudget(MeterRegistry registry, String name, PageBudget budget) {
        gauge(registry, "dmio.budget.capacity", name, budget::capacity);
        gauge(registry, "dmio.budget.inuse", name, budget::inUse);
        gauge(registry, "dmio.budget.waiting", name, budget::waiting);
    }

    @Override
    public void started(BlockOp op) {
        inFlight.incrementAndGet();
    }

    @Override
    public void ended(BlockOp op, long nanos, Optional<Errno> errno) {
        inFlight.decrementAndGet();
        if (errno.isPresent()) {
            timer(op.kind(), errno.get().name()).record(nanos, TimeUnit.NANOSECONDS);
            return;
        }
        Objects.requireNonNull(successes.get(op.kind())).record(nanos, TimeUnit.NANOSECONDS);
        Objects.requireNonNull(bytes.get(op.kind())).increment((double) Sectors.toBytes(op.sectorCount()));
    }

    @Override
    public void cancelled(BlockOp op, long nanos) {
        inFlight.decrementAndGet();
        timer(op.kind(), "CANCELLED").record(nanos, TimeUnit.NANOSECONDS);
    }

    private Timer timer(BlockOp.Kind kind, String result) { // the registry finds the same one again
        return Timer.builder("dmio.io")
                .tags("device", device, "kind", kind.words(), "result", result)
                .register(registry);
    }

    // A registry keeps the gauge it has, and would show a client that is gone.
    private static void gauge(MeterRegistry registry, String name, String budget, IntSupplier number) {
        Tags tags = Tags.of("budget", budget);
        registry.removeByPreFilterId(new Meter.Id(name, tags, null, null, Meter.Type.GAUGE));
        Gauge.builder(name, number::getAsInt).tags(tags).register(registry);
    }
}
