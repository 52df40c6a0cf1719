package io.dmio.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dmio.BlockOp;
import io.dmio.DeviceException;
import io.dmio.DmIo;
import io.dmio.Errno;
import io.dmio.copy.CopyService;
import io.dmio.device.Fault;
import io.dmio.device.FaultyDevice;
import io.dmio.device.MemoryDevice;
import io.dmio.mirror.MirrorDevice;
import io.dmio.mirror.MirrorOptions;
import io.dmio.mirror.OwnerOptions;
import io.dmio.nbd.NbdDevice;
import io.dmio.nbd.NbdExport;
import io.dmio.nbd.NbdServer;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;

/** Whatever is bound is in the list, as it is told there, and nothing else is in the list. */
class AllMetersTest {

    private static final Duration PATIENCE = Duration.ofMinutes(3);

    private final MeterRegistry registry = new SimpleMeterRegistry();

    @Test
    void whatIsBoundIsWhatTheListSays() {
        MicrometerMeter.of(registry, MemoryDevice.of("disk", 8).info());
        MicrometerMeter.bindPagePool(registry);
        MicrometerMeter.bindBudget(registry, "client", DmIo.create().get(1).budget());
        CopyService copies = CopyService.create();
        CopyMeters.bind(registry, "copies", copies);
        MirrorDevice mirror = mirror();
        Disposable ofMirror = MirrorMeters.bind(registry, mirror);
        NbdServer server = server(NbdExport.of("m", mirror).withMeter(NbdMeters.export(registry, "m")));
        NbdMeters.bindServer(registry, "nbd", server);
        NbdDevice client = Objects.requireNonNull(
                NbdDevice.open(server.uri("m").toString()).block(PATIENCE));
        NbdMeters.bindClient(registry, client);
        assertThat(bound())
                .isEqualTo(new TreeSet<>(Stream.of(LibraryMeter.values())
                        .map(AllMetersTest::listed)
                        .toList()));
        ofMirror.dispose();
        client.close().block(PATIENCE);
        server.close().block(PATIENCE);
        mirror.close().block(PATIENCE);
        copies.close().block(PATIENCE);
    }

    private static MirrorDevice mirror() {
        return Objects.requireNonNull(MirrorDevice.create(
                        List.of(MemoryDevice.of("a", 16_384)),
                        MirrorOptions.builder()
                                .name("m")
                                .owner(OwnerOptions.off())
                                .build())
                .block(PATIENCE));
    }

    private static NbdServer server(NbdExport export) {
        return Objects.requireNonNull(
                NbdServer.builder().bind("127.0.0.1", 0).export(export).start().block(PATIENCE));
    }

    private Set<String> bound() {
        Set<String> all = new TreeSet<>();
        for (Meter meter : registry.getMeters()) {
            Meter.Id id = meter.getId();
            all.add(words(
                    id.getName(),
                    id.getType(),
                    Objects.requireNonNullElse(id.getBaseUnit(), "-"),
                    id.getTags().stream().map(Tag::getKey).sorted().toList() + ": " + id.getDescription()));
        }
        return all;
    }

    private static String listed(LibraryMeter meter) {
        boolean timer = meter.shape().type() == Meter.Type.TIMER;
        return words(
                meter.meter(),
                meter.shape().type(),
                timer ? "seconds" : Objects.requireNonNullElse(meter.shape().unit(), "-"),
                meter.tags().stream().sorted().toList() + ": " + meter.description());
    }

    private static String words(String name, Meter.Type type, String unit, String rest) {
        return name + " " + type + " " + unit + " " + rest;
    }

    @Test
    void namesAreAsPrometheusWantsThem() {
        assertThat(Stream.of(LibraryMeter.values()).map(MeterTable::prometheus))
                .allMatch(name -> name.matches("dmio(_[a-z]+)+"))
                .doesNotHaveDuplicates()
                .contains("dmio_io_seconds", "dmio_io_bytes_total", "dmio_mirror_stale_chunks", "dmio_bounces_total");
        assertThat(LibraryMeter.values())
                .allSatisfy(meter -> assertThat(meter.description())
                        .as(meter.meter())
                        .isNotBlank()
                        .doesNotContain("|", "\n")
                        .doesNotEndWith("."));
    }

    @Test
    void aRequestOfAClientIsCountedByItsKindItsBytesAndItsResult() {
        FaultyDevice disk = FaultyDevice.of(MemoryDevice.of("disk", 8));
        NbdServer server = server(NbdExport.of("d", disk).withMeter(NbdMeters.export(registry, "d")));
        NbdDevice client = Objects.requireNonNull(
                NbdDevice.open(server.uri("d").toString()).block(PATIENCE));
        client.submit(new BlockOp.WriteZeroes(0, 8))
                .then(client.submit(new BlockOp.Flush()))
                .block(PATIENCE);
        assertThat(count("write_zeroes", "OK")).isOne();
        assertThat(count("flush", "OK")).isOne();
        assertThat(registry.get("dmio.nbd.server.bytes")
                        .tags("export", "d", "request", "write_zeroes")
                        .counter()
                        .count())
                .isEqualTo(8 * 512);
        assertThat(registry.get("dmio.nbd.server.connects").counter().count()).isBetween(1.0, 4.0); // it makes 4
        assertThat(registry.get("dmio.nbd.server.connections").gauge().value()).isBetween(1.0, 4.0);
        disk.plan(Fault.errno(Errno.ENOSPC));
        assertThatThrownBy(() -> client.submit(new BlockOp.WriteZeroes(0, 8)).block(PATIENCE))
                .isInstanceOf(DeviceException.class);
        assertThat(count("write_zeroes", "ENOSPC")).isOne();
        assertThat(errors("write_zeroes")).isOne();
        assertThat(errors("read")).isZero(); // there from the start, or no rate would show the first
        assertThat(count("write_zeroes", "OK")).isOne();
        client.close().block(PATIENCE);
        server.close().onErrorComplete().block(PATIENCE);
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (registry.get("dmio.nbd.server.connections").gauge().value() != 0) { // told on the server's loop
            assertThat(System.nanoTime()).isLessThan(end);
            Thread.onSpinWait();
        }
    }

    private double errors(String request) {
        return registry.get("dmio.nbd.server.errors")
                .tags("export", "d", "request", request)
                .counter()
                .count();
    }

    private long count(String request, String result) {
        return registry.get("dmio.nbd.server.requests")
                .tags("export", "d", "request", request, "result", result)
                .timer()
                .count();
    }
}
