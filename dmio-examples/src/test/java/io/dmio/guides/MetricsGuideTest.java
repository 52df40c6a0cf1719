package io.dmio.guides;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.BlockDevice;
import io.dmio.DmIo;
import io.dmio.ErrorBits;
import io.dmio.IoRegion;
import io.dmio.VmBuffer;
import io.dmio.copy.CopyService;
import io.dmio.device.MemoryDevice;
import io.dmio.metrics.CopyMeters;
import io.dmio.metrics.LatencyBuckets;
import io.dmio.metrics.MeteredDevice;
import io.dmio.metrics.MicrometerMeter;
import io.dmio.metrics.MirrorMeters;
import io.dmio.metrics.NbdMeters;
import io.dmio.mirror.MirrorDevice;
import io.dmio.mirror.MirrorOptions;
import io.dmio.mirror.OwnerOptions;
import io.dmio.nbd.NbdDevice;
import io.dmio.nbd.NbdExport;
import io.dmio.nbd.NbdServer;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** docs/metrics.md, "In programs of your own". */
class MetricsGuideTest {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final MeterRegistry registry = new SimpleMeterRegistry();
    private final DmIo io = DmIo.create().get(64);

    @Test
    void aDeviceThatIsMeteredCountsWhatIsWritten() {
        BlockDevice opened = MemoryDevice.of("a", 16384);
        VmBuffer memory = VmBuffer.of(new byte[4096]);

        registry.config().meterFilter(LatencyBuckets.filter()); // histograms of all times
        BlockDevice disk = MeteredDevice.of(opened, MicrometerMeter.of(registry, opened.info()));

        assertThat(io.writeSync(List.of(new IoRegion(disk, 0, 8)), memory)).isEqualTo(ErrorBits.NONE);
        assertThat(registry.getMeters()).isNotEmpty();
    }

    @Test
    void aServedMirrorAndItsClientAreSeen() {
        MirrorDevice mirror = MirrorDevice.create(
                        List.of(MemoryDevice.of("a", 16384), MemoryDevice.of("b", 16384)),
                        MirrorOptions.builder().owner(OwnerOptions.off()).build())
                .blockOptional(PATIENCE)
                .orElseThrow();

        MirrorMeters.bind(registry, mirror); // state, chunks, work, errors, events
        NbdExport export = NbdExport.of("disk", mirror).withMeter(NbdMeters.export(registry, "disk"));

        NbdServer server = NbdServer.builder()
                .bind("127.0.0.1", 0)
                .export(export)
                .start()
                .blockOptional(PATIENCE)
                .orElseThrow();
        NbdDevice remote = NbdDevice.open(server.uri("disk").toString())
                .blockOptional(PATIENCE)
                .orElseThrow();
        CopyService service = CopyService.create();

        NbdMeters.bindServer(registry, "nbd", server); // memory that clients share
        NbdMeters.bindClient(registry, remote); // connections
        CopyMeters.bind(registry, "copies", service);
        MicrometerMeter.bindBudget(registry, "client", io.budget());
        MicrometerMeter.bindPagePool(registry);

        assertThat(names()).contains("mirror", "nbd", "copy", "budget");
        remote.close().block(PATIENCE);
        server.close().block(PATIENCE);
        mirror.close().block(PATIENCE);
        service.close().block(PATIENCE);
    }

    /** What they are of: the second word of each. */
    private Set<String> names() {
        return registry.getMeters().stream()
                .map(Meter::getId)
                .map(id -> id.getName().split("\\.", -1)[1])
                .collect(Collectors.toSet());
    }
}
