package io.dmio.copy;

import static io.dmio.copy.CopyFixture.blank;
import static io.dmio.copy.CopyFixture.onePagePieces;
import static io.dmio.copy.CopyFixture.source;
import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.Errno;
import io.dmio.IoRegion;
import io.dmio.device.Fault;
import io.dmio.device.FaultyDevice;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/** Rates and shares of time, on a clock that only moves when told. */
class ThrottleTest extends ThrottleFixture {

    @Test
    void withoutLimitsNothingWaits() {
        AtomicInteger admitted = new AtomicInteger();
        Flux.range(0, 1000)
                .concatMap(i -> throttle.admit(1 << 30))
                .doOnComplete(admitted::incrementAndGet)
                .subscribe();
        assertThat(admitted).hasValue(1);
    }

    @Test
    void bytesPerSecondHoldOverAnyNumberOfPieces() {
        throttle.bytesPerSecondMax(1000);
        List<Long> times = new ArrayList<>();
        Flux.range(0, 5)
                .concatMap(i -> throttle.admit(500).doOnSuccess(none -> times.add(millis())))
                .subscribe();
        run(Duration.ofSeconds(3));
        assertThat(times).containsExactly(0L, 500L, 1000L, 1500L, 2000L);
    }

    @Test
    void anIdleTimeSavesUpNothing() {
        throttle.bytesPerSecondMax(1000);
        throttle.admit(500).subscribe();
        clock.advanceTimeBy(Duration.ofHours(1));
        List<Long> times = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            throttle.admit(1000).subscribe(none -> {}, failure -> {}, () -> times.add(millis() - 3_600_000));
        }
        run(Duration.ofSeconds(3));
        assertThat(times).containsExactly(0L, 1000L, 2000L);
    }

    @Test
    void thoseWhoShareItGoInTheOrderTheyCame() {
        throttle.bytesPerSecondMax(100);
        List<Integer> order = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            int me = i;
            throttle.admit(10 + i).subscribe(none -> {}, failure -> {}, () -> order.add(me));
        }
        run(Duration.ofSeconds(2));
        assertThat(order).containsExactly(0, 1, 2, 3, 4, 5, 6, 7, 8, 9);
    }

    @Test
    void aNewRateCountsAtOnceForThoseWhoWait() {
        throttle.bytesPerSecondMax(1);
        List<Long> times = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            throttle.admit(1_000_000).subscribe(none -> {}, failure -> {}, () -> times.add(millis()));
        }
        run(Duration.ofSeconds(1));
        assertThat(times).containsExactly(0L);

        throttle.bytesPerSecondMax(1_000_000);
        run(Duration.ofSeconds(1));
        assertThat(times).containsExactly(0L, 1999L); // a byte had gone before

        throttle.bytesPerSecondMax(Long.MAX_VALUE);
        assertThat(times).containsExactly(0L, 1999L, 2000L);
    }

    @Test
    void aCancelledWaitLeavesTheOthersWaiting() {
        throttle.bytesPerSecondMax(100);
        throttle.admit(100).subscribe();
        Disposable gone = throttle.admit(100).subscribe();
        AtomicLong last = new AtomicLong(-1);
        throttle.admit(100).subscribe(none -> {}, failure -> {}, () -> last.set(millis()));
        gone.dispose();
        run(Duration.ofSeconds(3));
        assertThat(last).hasValue(2000);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 10, 25, 50, 75, 99, 100})
    void theShareOfTimeInWhichAnythingIsInFlightIsThePercentage(int percent) {
        throttle.percentMax(percent);
        AtomicLong busyMillis = new AtomicLong();
        Duration piece = Duration.ofMillis(3);
        Mono<Void> work = Mono.delay(piece, clock).then();
        Disposable copying = Flux.range(0, Integer.MAX_VALUE)
                .concatMap(i -> throttle.admit(1).thenReturn(i), 0)
                .flatMap(i -> throttle.timed(work).doOnSuccess(none -> busyMillis.addAndGet(piece.toMillis())), 1, 1)
                .subscribe();
        run(Duration.ofSeconds(60));
        copying.dispose();
        assertThat(busyMillis.get() * 100.0 / 60_000).isBetween(percent * 0.9 - 0.6, percent * 1.1 + 0.6);
    }

    @Test
    void workSideBySideCountsOnce() {
        throttle.percentMax(50);
        AtomicInteger ended = new AtomicInteger();
        Disposable copying = Flux.range(0, Integer.MAX_VALUE)
                .concatMap(i -> throttle.admit(1).thenReturn(i), 0)
                .flatMap(
                        i -> throttle.timed(Mono.delay(Duration.ofMillis(10), clock))
                                .doOnSuccess(n -> ended.incrementAndGet()),
                        4,
                        1)
                .subscribe();
        run(Duration.ofSeconds(10));
        copying.dispose();
        // half of 10 s at four pieces every 10 ms, less what runs alone where work and rest meet
        assertThat(ended.get()).isBetween(1800, 2100);
    }

    @Test
    void liftingTheShareWakesThoseWhoRest() {
        throttle.percentMax(1);
        throttle.timed(Mono.delay(Duration.ofSeconds(10), clock)).subscribe();
        run(Duration.ofSeconds(10));
        AtomicInteger admitted = new AtomicInteger();
        throttle.admit(1).subscribe(none -> {}, failure -> {}, admitted::incrementAndGet);
        run(Duration.ofSeconds(5));
        assertThat(admitted).hasValue(0);
        throttle.percentMax(100);
        assertThat(admitted).hasValue(1);
    }

    @Test
    void twoServicesThatShareOneHaveTheRateTogether() {
        throttle.bytesPerSecondMax(10 * 4096);
        AtomicLong ended = new AtomicLong();
        List<CopyService> services = List.of(
                onePagePieces().throttle(throttle).build(),
                onePagePieces().throttle(throttle).build());
        for (CopyService service : services) {
            service.copy(IoRegion.all(source(80)), List.of(IoRegion.all(blank("leg", 80, 512))))
                    .run()
                    .subscribe(result -> ended.set(millis()));
        }
        run(Duration.ofSeconds(3));
        assertThat(ended).hasValue(1900); // twenty pieces, the first at 0, the last at 19 tenths
    }

    @Test
    void anErrorEndsACopyThatWaitsForTheThrottle() {
        throttle.bytesPerSecondMax(1);
        CopyService service = onePagePieces().throttle(throttle).build();
        FaultyDevice bad = FaultyDevice.of(source(80), Fault.errno(Errno.EIO));
        AtomicInteger ended = new AtomicInteger();

        service.copy(IoRegion.all(bad), List.of(IoRegion.all(blank("leg", 80, 512))))
                .run()
                .subscribe(result -> ended.incrementAndGet());

        assertThat(ended).hasValue(1);
    }

    @Test
    void bytesOfTheSourceCountOnceForAllDestinations() {
        throttle.bytesPerSecondMax(10 * 4096);
        AtomicLong ended = new AtomicLong();
        onePagePieces()
                .throttle(throttle)
                .build()
                .copy(
                        IoRegion.all(source(80)),
                        List.of(IoRegion.all(blank("one", 80, 512)), IoRegion.all(blank("two", 80, 512))))
                .run()
                .subscribe(result -> ended.set(millis()));
        run(Duration.ofSeconds(2));
        assertThat(ended).hasValue(900);
    }

    @Test
    void workThatFailsOrIsCancelledHasEnded() {
        throttle.percentMax(50);
        Sinks.Empty<Void> failing = Sinks.empty();
        throttle.timed(failing.asMono()).subscribe(none -> {}, error -> {});
        Disposable cancelled = throttle.timed(Mono.never()).subscribe();
        run(Duration.ofSeconds(1));
        failing.tryEmitError(new IllegalStateException());
        AtomicLong admitted = new AtomicLong();
        throttle.admit(1).subscribe(none -> {}, error -> {}, () -> admitted.set(millis()));
        run(Duration.ofSeconds(1));
        cancelled.dispose();
        run(Duration.ofSeconds(3));
        assertThat(admitted).hasValue(4000); // as long a rest as two seconds of work
    }
}
