package io.dmio.metrics;

import io.micrometer.core.instrument.Meter;
import org.jspecify.annotations.Nullable;

/**
 * How a meter counts.
 *
 * @param type whether it tells how much there is, how much there was, or how long something took
 * @param unit what it counts; null for a number that is 0 or 1, and for times, whose unit a registry chooses
 */
record MeterShape(Meter.Type type, @Nullable String unit) {

    static MeterShape timing() {
        return new MeterShape(Meter.Type.TIMER, null);
    }

    static MeterShape counting(String unit) {
        return new MeterShape(Meter.Type.COUNTER, unit);
    }

    static MeterShape showing(String unit) {
        return new MeterShape(Meter.Type.GAUGE, unit);
    }

    static MeterShape showing() {
        return new MeterShape(Meter.Type.GAUGE, null);
    }
}
