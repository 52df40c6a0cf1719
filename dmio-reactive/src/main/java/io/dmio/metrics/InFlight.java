package io.dmio.metrics;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.HashMap;
import java.util.Map;
import java.util.WeakHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The numbers behind {@code dmio.io.inflight}. A registry keeps the first gauge of a name and its tags, and silently drops a later one. So
 * all devices that would have the same gauge count in one number: devices of one name, a device opened again, and devices that a filter of
 * the registry merges.
 */
final class InFlight {

    // guarded by itself; the numbers of a registry go with it
    private static final Map<MeterRegistry, Map<Meter.Id, AtomicInteger>> NUMBERS = new WeakHashMap<>();

    private volatile AtomicInteger number = new AtomicInteger();

    private InFlight() {}

    /** Returns the number of a device, which its gauge shows from now on. */
    static AtomicInteger of(MeterRegistry registry, String device) {
        InFlight shown = new InFlight();
        synchronized (NUMBERS) {
            Gauge gauge = LibraryMeter.IO_INFLIGHT.addGauge(registry, () -> shown.number.get(), device);
            // Others may count already, although their gauge was removed and this one took its place.
            shown.number = NUMBERS.computeIfAbsent(registry, any -> new HashMap<>())
                    .computeIfAbsent(gauge.getId(), any -> shown.number);
            return shown.number;
        }
    }
}
