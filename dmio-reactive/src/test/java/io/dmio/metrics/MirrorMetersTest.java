package io.dmio.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.BlockOp;
import io.dmio.Errno;
import io.dmio.device.Fault;
import io.dmio.device.FaultPlan;
import io.dmio.device.FaultyDevice;
import io.dmio.device.MemoryDevice;
import io.dmio.mirror.MirrorDevice;
import io.dmio.mirror.MirrorOptions;
import io.dmio.mirror.OwnerOptions;
import io.dmio.mirror.ScrubMode;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.search.RequiredSearch;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.buffer.Unpooled;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;
import reactor.test.scheduler.VirtualTimeScheduler;

/** What meters show of a mirror and its legs. */
class MirrorMetersTest {

    private static final int CHUNK_SECTORS = MirrorOptions.CHUNK_BYTES_MIN / 512;

    private final VirtualTimeScheduler clock = VirtualTimeScheduler.create();
    private final MeterRegistry registry = new SimpleMeterRegistry();
    private final List<FaultyDevice> legs = Stream.of("a", "b")
            .map(name -> FaultyDevice.of(MemoryDevice.of(name, 16_384)))
            .toList();
    private final MirrorDevice mirror = get(MirrorDevice.create(
            legs,
            MirrorOptions.builder()
                    .name("m")
                    .chunkBytes(MirrorOptions.CHUNK_BYTES_MIN)
                    .equalAlready(true)
                    .owner(OwnerOptions.off())
                    .clock(() -> clock)
                    .build()));
    private final MirrorMeters meters = MirrorMeters.bind(registry, mirror, () -> clock.now(TimeUnit.NANOSECONDS));

    @AfterEach
    void close() {
        mirror.close().subscribe();
        clock.advanceTimeBy(Duration.ofMinutes(1));
        clock.dispose();
    }

    private <T> T get(Mono<T> mono) {
        var future = mono.toFuture();
        for (int i = 0; i < 600 && !future.isDone(); i++) {
            clock.advanceTimeBy(Duration.ofMillis(100));
        }
        return Objects.requireNonNull(future.getNow(null), "not there within a minute");
    }

    private void write(long sector) {
        mirror.submit(new BlockOp.Write(sector, Unpooled.buffer(512, 512), false))
                .subscribe();
        clock.advanceTimeBy(Duration.ofMillis(100));
    }

    private RequiredSearch search(String name, String... tags) {
        return registry.get(name).tag("mirror", "m").tags(tags);
    }

    private double gauge(String name, String... tags) {
        return search(name, tags).gauge().value();
    }

    private double counted(String name, String... tags) {
        return search(name, tags).functionCounter().count();
    }

    private double events(String kind) {
        return search("dmio.mirror.events", "kind", kind).counter().count();
    }

    @Test
    void aLegThatFailsIsShownAtOnceAndSoIsWhatItLacksUntilItHasIt() {
        assertThat(gauge("dmio.mirror.insync")).isOne();
        legs.get(1)
                .plan(Fault.errno(Errno.EIO)
                        .on(BlockOp.Kind.WRITE)
                        .within(0, mirror.info().sectorCount()));
        write(0);
        assertThat(gauge("dmio.mirror.leg.state", "leg", "1", "device", "b", "state", "failed"))
                .isOne();
        assertThat(gauge("dmio.mirror.leg.state", "leg", "1", "device", "b", "state", "in_sync"))
                .isZero();
        assertThat(gauge("dmio.mirror.leg.state", "leg", "0", "device", "a", "state", "in_sync"))
                .isOne();
        assertThat(gauge("dmio.mirror.insync")).isZero();
        assertThat(counted("dmio.mirror.leg.errors", "leg", "1", "work", "write"))
                .isPositive();
        assertThat(counted("dmio.mirror.leg.errors", "leg", "0", "work", "write"))
                .isZero();
        assertThat(events("leg_failed")).isOne();
        write(5L * CHUNK_SECTORS);
        assertThat(gauge("dmio.mirror.stale")).isEqualTo(2);
        assertThat(gauge("dmio.mirror.leg.stale", "leg", "1")).isEqualTo(2);
        legs.get(1).plan(FaultPlan.none());
        clock.advanceTimeBy(Duration.ofMinutes(1));
        assertThat(gauge("dmio.mirror.insync")).isOne();
        assertThat(gauge("dmio.mirror.leg.stale", "leg", "1")).isZero();
        assertThat(events("leg_in_sync")).isOne();
    }

    @Test
    void eventsOfBeforeAreCountedToo() {
        assertThat(events("started")).isOne();
        assertThat(events("broken")).isZero();
    }

    @Test
    void aScrubIsShownWhileItRunsAndWhatItFoundAfterwards() {
        legs.forEach(FaultyDevice::stall);
        mirror.scrub(ScrubMode.CHECK).subscribe();
        clock.advanceTimeBy(Duration.ofMillis(100)); // what was read before is not fresh any more
        assertThat(gauge("dmio.mirror.work.running", "work", "scrub")).isOne();
        assertThat(gauge("dmio.mirror.work.running", "work", "resync")).isZero();
        assertThat(gauge("dmio.mirror.work.wanted", "work", "scrub")).isEqualTo(gauge("dmio.mirror.all"));
        assertThat(gauge("dmio.mirror.work.left", "work", "scrub")).isNaN();
        legs.forEach(FaultyDevice::release);
        clock.advanceTimeBy(Duration.ofSeconds(1));
        assertThat(gauge("dmio.mirror.work.running", "work", "scrub")).isZero();
        assertThat(gauge("dmio.mirror.scrub.different")).isZero();
        assertThat(events("scrubbed")).isOne();
    }

    @Test
    void aLegThatComesHasMetersAndOneThatGoesHasNone() {
        get(mirror.add(MemoryDevice.of("c", 16_384)));
        clock.advanceTimeBy(Duration.ofSeconds(10));
        assertThat(gauge("dmio.mirror.leg.state", "leg", "2", "device", "c", "state", "in_sync"))
                .isOne();
        mirror.remove(0).subscribe();
        clock.advanceTimeBy(Duration.ofSeconds(10));
        assertThat(registry.find("dmio.mirror.leg.state").tag("leg", "0").meters())
                .isEmpty();
        assertThat(registry.find("dmio.mirror.leg.errors").tag("leg", "0").meters())
                .isEmpty();
        assertThat(registry.find("dmio.mirror.leg.state").tag("leg", "1").meters())
                .isNotEmpty();
    }

    @Test
    void theMetersOfAMirrorGoWithItButForWhatWasCounted() {
        get(mirror.close().thenReturn(true));
        assertThat(registry.getMeters())
                .extracting(Meter::getId)
                .allMatch(id -> id.getName().equals("dmio.mirror.events"));
        assertThat(meters.isDisposed()).isTrue();
    }

    @Test
    void countersAreHeldAsLongAsTheirMirrorIsOpen() {
        System.gc();
        legs.get(1)
                .plan(Fault.errno(Errno.EIO)
                        .on(BlockOp.Kind.WRITE)
                        .within(0, mirror.info().sectorCount()));
        write(0);
        assertThat(counted("dmio.mirror.leg.errors", "leg", "1", "work", "write"))
                .isPositive();
    }
}
