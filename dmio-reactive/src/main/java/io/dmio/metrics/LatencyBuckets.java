package io.dmio.metrics;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.core.instrument.distribution.DistributionStatisticConfig;
import java.time.Duration;
import java.util.stream.Stream;

/**
 * Histograms of the library's times, for registries that keep them. All have the same buckets, from the memory of a server's
 * cache to the deadline of a mirror's leg, so that legs, mirrors and clients can be compared.
 */
public final class LatencyBuckets {

    private static final double[] NANOS = Stream.of(
                    Duration.ofNanos(50_000),
                    Duration.ofNanos(100_000),
                    Duration.ofNanos(250_000),
                    Duration.ofNanos(500_000),
                    Duration.ofMillis(1),
                    Duration.ofNanos(2_500_000),
                    Duration.ofMillis(5),
                    Duration.ofMillis(10),
                    Duration.ofMillis(25),
                    Duration.ofMillis(50),
                    Duration.ofMillis(100),
                    Duration.ofMillis(250),
                    Duration.ofMillis(500),
                    Duration.ofSeconds(1),
                    Duration.ofMillis(2_500),
                    Duration.ofSeconds(5),
                    Duration.ofSeconds(10),
                    Duration.ofSeconds(30))
            .mapToDouble(Duration::toNanos)
            .toArray();

    private LatencyBuckets() {}

    /**
     * Returns the histograms, to be added to a registry's configuration before meters are bound.
     *
     * @return a filter that changes timers of this library, and nothing else
     */
    public static MeterFilter filter() {
        return new MeterFilter() {
            @Override
            public DistributionStatisticConfig configure(Meter.Id id, DistributionStatisticConfig given) {
                boolean ours = id.getType() == Meter.Type.TIMER && id.getName().startsWith("dmio.");
                return ours
                        ? DistributionStatisticConfig.builder()
                                .serviceLevelObjectives(NANOS)
                                .build()
                                .merge(given)
                        : given;
            }
        };
    }
}
