package io.dmio.app.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.management.ThreadMXBean;
import io.dmio.BlockOp;
import io.dmio.device.MemoryDevice;
import io.dmio.metrics.LatencyBuckets;
import io.dmio.metrics.MicrometerMeter;
import io.dmio.metrics.NbdMeters;
import io.dmio.nbd.NbdMeter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.lang.management.ManagementFactory;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What meters cost an operation, with the registry that servers have. */
class MeterCostTest {

    private static final int WARM_UP = 20_000;
    private static final int ROUNDS = 100_000;

    private final MeterRegistry registry = registry();

    private static MeterRegistry registry() {
        MeterRegistry prometheus = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        prometheus.config().meterFilter(LatencyBuckets.filter());
        return prometheus;
    }

    /** Bytes that it allocates each time, rounded: a collector or a compiler may take some beside it. */
    private static long bytesEach(Runnable work) {
        assumeTrue(ManagementFactory.getThreadMXBean() instanceof ThreadMXBean, "this JVM does not count allocations");
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        for (int i = 0; i < WARM_UP; i++) {
            work.run();
        }
        long before = threads.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < ROUNDS; i++) {
            work.run();
        }
        return (threads.getCurrentThreadAllocatedBytes() - before) / ROUNDS;
    }

    @Test
    void anOperationThatGoesWellAllocatesNothing() {
        MicrometerMeter meter =
                MicrometerMeter.of(registry, MemoryDevice.of("disk", 8).info());
        BlockOp op = new BlockOp.WriteZeroes(0, 8);
        assertThat(bytesEach(() -> {
                    meter.started(op);
                    meter.ended(op, 123_456, Optional.empty());
                }))
                .isZero();
    }

    @Test
    void aRequestThatGoesWellAllocatesNothing() {
        NbdMeter meter = NbdMeters.export(registry, "disk");
        assertThat(bytesEach(() -> meter.ended(NbdMeter.Request.WRITE, 4096, 123_456, Optional.empty())))
                .isZero();
    }
}
