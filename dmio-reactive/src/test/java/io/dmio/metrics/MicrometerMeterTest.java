package io.dmio.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dmio.BlockOp;
import io.dmio.DmIo;
import io.dmio.Errno;
import io.dmio.PageBudget;
import io.dmio.PagePool;
import io.dmio.device.Fault;
import io.dmio.device.FaultyDevice;
import io.dmio.device.MemoryDevice;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.composite.CompositeMeterRegistry;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;
import reactor.test.StepVerifier;

/** What a Micrometer registry shows, of devices and clients that share a name above all. */
class MicrometerMeterTest {

    private final MeterRegistry registry = new SimpleMeterRegistry();

    /** A device of that name, metered, with one operation that waits. */
    private FaultyDevice busy(String name) {
        FaultyDevice stalled = FaultyDevice.of(MemoryDevice.of(name, 8), Fault.stalled());
        MeteredDevice.of(stalled, MicrometerMeter.of(registry, stalled.info()))
                .submit(new BlockOp.Flush())
                .subscribe();
        return stalled;
    }

    private double inFlight() {
        return gauge("dmio.io.inflight");
    }

    private double gauge(String name) {
        return registry.get(name).gauge().value();
    }

    @Test
    void devicesOfOneNameAddUp() {
        FaultyDevice first = busy("disk");
        FaultyDevice second = busy("disk");
        FaultyDevice third = busy("disk");
        assertThat(inFlight()).isEqualTo(3);
        second.release();
        assertThat(inFlight()).isEqualTo(2);
        first.release();
        third.release();
        assertThat(inFlight()).isZero();
        assertThat(registry.get("dmio.io")
                        .tags("kind", "flush", "result", "OK")
                        .timer()
                        .count())
                .isEqualTo(3);
    }

    @Test
    void aDeviceOpenedAgainShows() {
        FaultyDevice before = busy("disk");
        before.release();
        before.close().block();
        FaultyDevice again = busy("disk");
        assertThat(inFlight()).isOne();
        again.release();
    }

    @Test
    void aGaugeThatWasRemovedIsMadeAnewAndShowsAll() {
        FaultyDevice before = busy("disk");
        registry.clear();
        FaultyDevice again = busy("disk");
        assertThat(inFlight()).isEqualTo(2);
        before.release();
        again.release();
        assertThat(inFlight()).isZero();
    }

    @Test
    void devicesThatAFilterMakesOneAddUp() {
        registry.config().meterFilter(MeterFilter.ignoreTags("device"));
        List<FaultyDevice> busy = List.of(busy("disk"), busy("other"));
        assertThat(inFlight()).isEqualTo(2);
        busy.forEach(FaultyDevice::release);
        assertThat(inFlight()).isZero();
    }

    @Test
    void eachRegistryShowsItsOwnDevices() {
        FaultyDevice here = busy("disk");
        MeterRegistry elsewhere = new CompositeMeterRegistry().add(new SimpleMeterRegistry());
        MicrometerMeter.of(elsewhere, here.info()).started(new BlockOp.Flush());
        MicrometerMeter.of(elsewhere, here.info()).started(new BlockOp.Flush());
        assertThat(elsewhere.get("dmio.io.inflight").gauge().value()).isEqualTo(2);
        assertThat(inFlight()).isOne();
        here.release();
    }

    @Test
    void devicesMeteredAtTheSameTimeAllShow() {
        Mono<MicrometerMeter> starting = Mono.fromSupplier(() ->
                        MicrometerMeter.of(registry, MemoryDevice.of("disk", 8).info()))
                .doOnNext(meter -> meter.started(new BlockOp.Flush()))
                .subscribeOn(Schedulers.parallel());
        StepVerifier.create(Flux.merge(Flux.range(0, 200).map(i -> starting), 200))
                .expectNextCount(200)
                .verifyComplete();
        assertThat(inFlight()).isEqualTo(200);
    }

    @Test
    void theMetersOfADeviceAreThoseOfTheTable() {
        FaultyDevice disk = FaultyDevice.of(
                MemoryDevice.of("disk", 8),
                Fault.errno(Errno.EIO).on(BlockOp.Kind.READ),
                Fault.stalled().on(BlockOp.Kind.DISCARD));
        MeteredDevice device = MeteredDevice.of(disk, MicrometerMeter.of(registry, disk.info()));
        device.submit(new BlockOp.WriteZeroes(0, 3)).block();
        device.submit(new BlockOp.Read(0, Unpooled.buffer(512, 512)))
                .onErrorComplete()
                .block();
        device.submit(new BlockOp.Discard(0, 1)).subscribe().dispose();
        disk.release();
        assertThat(shown("dmio.io"))
                .containsExactlyInAnyOrder(
                        "dmio.io{device=disk, kind=discard, result=CANCELLED} 1",
                        "dmio.io{device=disk, kind=discard, result=OK} 0",
                        "dmio.io{device=disk, kind=flush, result=OK} 0",
                        "dmio.io{device=disk, kind=read, result=EIO} 1",
                        "dmio.io{device=disk, kind=read, result=OK} 0",
                        "dmio.io{device=disk, kind=write, result=OK} 0",
                        "dmio.io{device=disk, kind=write-zeroes, result=OK} 1",
                        "dmio.io.bytes{device=disk, kind=discard} 0",
                        "dmio.io.bytes{device=disk, kind=flush} 0",
                        "dmio.io.bytes{device=disk, kind=read} 0",
                        "dmio.io.bytes{device=disk, kind=write} 0",
                        "dmio.io.bytes{device=disk, kind=write-zeroes} 1536",
                        "dmio.io.inflight{device=disk} 0");
    }

    @Test
    void theClientsBudgetIsAGauge() {
        PageBudget budget = DmIo.create().get(7).budget();
        MicrometerMeter.bindBudget(registry, "demo", budget);
        assertThat(shown("dmio.budget"))
                .containsExactlyInAnyOrder(
                        "dmio.budget.capacity{budget=demo} 7",
                        "dmio.budget.free{budget=demo} 7",
                        "dmio.budget.inuse{budget=demo} 0",
                        "dmio.budget.waiting{budget=demo} 0");
        budget.use(7, () -> {
                    assertThat(gauge("dmio.budget.inuse")).isEqualTo(7);
                    budget.use(1, () -> Mono.empty()).subscribe();
                    assertThat(gauge("dmio.budget.waiting")).isOne();
                    return Mono.empty();
                })
                .block();
        assertThat(gauge("dmio.budget.waiting")).isZero();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aBudgetBoundUnderANameThatWasUsedTakesItsPlace(boolean composite) {
        MeterRegistry bound = composite ? new CompositeMeterRegistry().add(registry) : registry;
        MicrometerMeter.bindBudget(bound, "demo", DmIo.create().get(7).budget());
        MicrometerMeter.bindBudget(bound, "other", DmIo.create().get(9).budget());
        MicrometerMeter.bindBudget(bound, "demo", DmIo.create().get(8).budget());
        System.gc(); // the registry alone holds them
        assertThat(shown("dmio.budget.capacity"))
                .containsExactlyInAnyOrder(
                        "dmio.budget.capacity{budget=demo} 8", "dmio.budget.capacity{budget=other} 9");
    }

    @Test
    void thePagePoolIsBoundOnceHoweverOften() {
        MicrometerMeter.bindPagePool(registry);
        MicrometerMeter.bindPagePool(registry);
        double before = registry.get("dmio.bounce.bytes").functionCounter().count();
        PagePool.shared().allocateBounce(512).release();
        assertThat(registry.get("dmio.bounce.bytes").functionCounter().count()).isEqualTo(before + 512);
        assertThat(registry.get("dmio.bounces").functionCounter().count()).isPositive();
        assertThat(gauge("dmio.pool.reserved"))
                .isEqualTo((double) PagePool.shared().reservedBytes())
                .isPositive();
    }

    @Test
    @SuppressWarnings("NullAway") // that is what is tested
    void nullsAreRefusedAtOnce() {
        var info = MemoryDevice.of("disk", 8).info();
        PageBudget budget = DmIo.create().get(1).budget();
        assertThatThrownBy(() -> MicrometerMeter.of(null, info)).isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> MicrometerMeter.of(registry, null)).isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> MicrometerMeter.bindPagePool(null)).isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> MicrometerMeter.bindBudget(null, "demo", budget))
                .isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> MicrometerMeter.bindBudget(registry, null, budget))
                .isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> MicrometerMeter.bindBudget(registry, "demo", null))
                .isInstanceOf(NullPointerException.class);
        assertThat(registry.getMeters()).isEmpty();
    }

    /** All meters whose name starts so: name, tags and count or value. */
    private List<String> shown(String prefix) {
        List<String> shown = new ArrayList<>();
        for (Meter meter : registry.getMeters()) {
            String name = meter.getId().getName();
            if (name.startsWith(prefix)) {
                List<String> tags = meter.getId().getTags().stream()
                        .map(tag -> tag.getKey() + "=" + tag.getValue())
                        .sorted()
                        .toList();
                shown.add(name + "{" + String.join(", ", tags) + "} " + number(meter));
            }
        }
        return shown;
    }

    private static long number(Meter meter) {
        return Objects.requireNonNull(meter.match(
                gauge -> (long) gauge.value(),
                counter -> (long) counter.count(),
                timer -> {
                    assertThat(timer.totalTime(TimeUnit.NANOSECONDS) > 0).isEqualTo(timer.count() > 0);
                    return timer.count();
                },
                summary -> -1L,
                longTask -> -1L,
                timeGauge -> -1L,
                counter -> (long) counter.count(),
                timer -> -1L,
                other -> -1L));
    }
}
