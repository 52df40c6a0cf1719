package io.dmio.device;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.BlockOp;
import io.dmio.Errno;
import io.dmio.testkit.Seed;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;
import reactor.test.StepVerifier;
import reactor.test.scheduler.VirtualTimeScheduler;

/** When operations end that are delayed, stalled, cancelled or closed upon. */
@ExtendWith(Seed.class)
class FaultyDeviceTimeTest extends FaultyDeviceFixture {

    @Test
    void delayedOpsEndInTheOrderOfTheirDelays() {
        List<Long> ended = new ArrayList<>();
        StepVerifier.withVirtualTime(() -> {
                    FaultyDevice slow = FaultyDevice.of(
                            memory,
                            Fault.delayed(Duration.ofMillis(30)).within(0, 8),
                            Fault.delayed(Duration.ofMillis(10)).within(8, 8));
                    return Flux.just(0L, 8L, 16L)
                            .flatMap(sector -> slow.submit(new BlockOp.Write(sector, from, false))
                                    .doOnSuccess(done -> ended.add(sector)));
                })
                .expectSubscription()
                .then(() -> assertThat(ended).containsExactly(16L))
                .thenAwait(Duration.ofMillis(10))
                .then(() -> assertThat(ended).containsExactly(16L, 8L))
                .then(() -> assertThat(memory.snapshot(0, 8)).containsOnly(0))
                .thenAwait(Duration.ofMillis(20))
                .verifyComplete();
        assertThat(ended).containsExactly(16L, 8L, 0L);
    }

    @Test
    void aDeviceGoesDownAndUpWithTheSchedulersClock() {
        StepVerifier.withVirtualTime(() -> {
                    FaultyDevice flaky = FaultyDevice.of(
                            memory, Fault.errno(Errno.EIO).upDown(Duration.ofSeconds(3), Duration.ofSeconds(2)));
                    return Flux.interval(Duration.ofSeconds(1))
                            .take(7)
                            .concatMap(second -> flaky.submit(new BlockOp.Flush())
                                    .thenReturn("up")
                                    .onErrorReturn("down"));
                })
                .thenAwait(Duration.ofSeconds(7))
                .expectNext("up", "up", "down", "down", "up", "up", "up")
                .verifyComplete();
    }

    @Test
    void stalledOpsGoOnInTheOrderTheyCame() {
        device.stall();
        List<Integer> ended = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            int number = i;
            Disposable unused = write().doOnSuccess(done -> ended.add(number)).subscribe();
        }
        assertThat(device.stalledCount()).isEqualTo(5);
        assertThat(memory.allocatedBytes()).isZero();
        device.release(2);
        assertThat(ended).containsExactly(0, 1);
        device.release();
        assertThat(ended).containsExactly(0, 1, 2, 3, 4);
        write().block();
    }

    @Test
    void cancelWhileStalledLeavesTheOpToRunOut() {
        device.stall();
        write().subscribe().dispose();
        assertThat(from.refCnt()).isEqualTo(2);
        assertThat(device.stalledCount()).isOne();
        device.release();
        assertThat(from.refCnt()).isOne();
        assertThat(memory.snapshot(0, 8)).isEqualTo(NEW);
    }

    @Test
    void cancelWhileDelayedLeavesTheOpToRunOut() {
        VirtualTimeScheduler clock = VirtualTimeScheduler.create();
        FaultPlan plan = FaultPlan.of(Fault.torn(4, Errno.EIO), Fault.delayed(Duration.ofHours(1)));
        memory.load(0, OLD);
        FaultyDevice.of(memory, plan, () -> clock)
                .submit(new BlockOp.Write(0, from, false))
                .subscribe()
                .dispose();
        clock.advanceTimeBy(Duration.ofMinutes(59));
        assertThat(from.refCnt()).isEqualTo(2);
        clock.advanceTimeBy(Duration.ofMinutes(1));
        assertThat(from.refCnt()).isOne();
        assertTornAt(4);
    }

    @Test
    void aStallInThePlanHoldsOnlyWhatItConcerns() {
        device.plan(Fault.stalled().on(BlockOp.Kind.WRITE).nth(1));
        StepVerifier.create(write())
                .then(() -> write().block())
                .then(() -> assertThat(device.stalledCount()).isOne())
                .then(device::release)
                .verifyComplete();
    }

    @Test
    void aStallHoldsWhateverThePlanSaysAndStaysWhenSomeAreReleased() {
        device.plan(Fault.errno(Errno.EIO).nth(1));
        device.stall();
        StepVerifier.create(write())
                .then(() -> device.release(5))
                .verifyErrorSatisfies(error -> assertErrno(error, Errno.EIO));
        write().subscribe();
        assertThat(device.stalledCount()).isOne();
        device.release();
    }

    @Test
    void aSubmitFromWithinAReleaseIsNotHeld() {
        device.stall();
        AtomicInteger ended = new AtomicInteger();
        Disposable unused =
                write().then(write()).repeat(1000).count().subscribe(count -> ended.set(count.intValue() + 1));
        device.release();
        assertThat(ended).hasValue(1);
        assertThat(device.ops()).isEqualTo(2002);
    }

    @Test
    void whoWaitsForAStallIsToldByItsLastOp() {
        device.stall();
        StepVerifier.create(device.whenStalled(3))
                .then(() -> write().subscribe())
                .then(() -> write().subscribe())
                .then(() -> assertThat(device.stalledCount()).isEqualTo(2))
                .then(() -> write().subscribe())
                .verifyComplete();
        StepVerifier.create(device.whenStalled(2)).verifyComplete();
        device.release();
    }

    @Test
    void whoWaitedForAStallAndLeftIsForgotten() {
        Stall stall = new Stall();
        stall.reached(3).subscribe().dispose();
        assertThat(stall.watcherCount()).isZero();
        stall.reached(1).subscribe();
        stall.pass(true).subscribe();
        assertThat(stall.watcherCount()).isZero();
    }

    @Test
    void closeWaitsForStalledOpsAndRefusesNewOnes() {
        device.stall();
        Disposable unused = write().subscribe();
        StepVerifier.create(device.close())
                .then(() ->
                        StepVerifier.create(write()).verifyErrorSatisfies(error -> assertErrno(error, Errno.ESHUTDOWN)))
                .then(() -> assertThat(memory.snapshot(0, 8)).containsOnly(0))
                .then(device::release)
                .verifyComplete();
        assertThat(memory.allocatedBytes()).isZero();
        StepVerifier.create(write()).verifyErrorSatisfies(error -> assertErrno(error, Errno.ESHUTDOWN));
    }

    @Test
    void everyOpEndsOnceWhateverThePlanWhenManyThreadsSubmit() {
        device.plan(
                Fault.errno(Errno.EIO).chance(0.2, 1),
                Fault.stalled().chance(0.2, 2),
                Fault.dropped().chance(0.2, 3),
                Fault.flippedAtRandom(4).chance(0.2, 4),
                Fault.delayed(Duration.ofNanos(1000)).chance(0.2, 5));
        Mono<Long> all = Flux.range(0, 2000)
                .flatMap(i -> write().thenReturn(1).onErrorReturn(0).subscribeOn(Schedulers.parallel()), 2000)
                .count();
        Mono<Long> releasing = Mono.fromRunnable(device::release)
                .repeat(() -> true)
                .subscribeOn(Schedulers.boundedElastic())
                .then(Mono.<Long>empty());
        StepVerifier.create(Mono.firstWithValue(all, releasing))
                .expectNext(2000L)
                .verifyComplete();
        device.release();
        device.close().block();
    }
}
