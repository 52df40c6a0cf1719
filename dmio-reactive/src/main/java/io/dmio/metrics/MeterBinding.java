package io.dmio.metrics;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.HashMap;
import java.util.Map;
import java.util.function.DoubleSupplier;
import reactor.core.Disposable;

/**
 * The meters that show one thing, and go with it. A registry holds on to what gauges show, and not to what counters are read from: so each
 * gauge holds this object, and this object holds the rest. Safe for concurrent use.
 */
final class MeterBinding implements Disposable {

    private final MeterRegistry registry;

    // guarded by this
    private final Map<Meter, DoubleSupplier> held = new HashMap<>();
    private boolean disposed;

    MeterBinding(MeterRegistry registry) {
        this.registry = registry;
    }

    /** Adds a gauge, in place of one with the same tags. */
    synchronized void gauge(LibraryMeter which, DoubleSupplier number, String... tags) {
        if (!disposed) {
            held.put(which.gauge(registry, () -> read(number), tags), number);
        }
    }

    /** Adds a counter that is read, in place of one with the same tags. */
    synchronized void counter(LibraryMeter which, DoubleSupplier number, String... tags) {
        if (!disposed) {
            which.remove(registry, tags);
            held.put(which.addCounter(registry, number, DoubleSupplier::getAsDouble, tags), number);
        }
    }

    @Override
    public synchronized void dispose() {
        disposed = true;
        held.keySet().forEach(registry::remove);
        held.clear();
    }

    @Override
    public synchronized boolean isDisposed() {
        return disposed;
    }

    private double read(DoubleSupplier number) {
        return number.getAsDouble();
    }
}
