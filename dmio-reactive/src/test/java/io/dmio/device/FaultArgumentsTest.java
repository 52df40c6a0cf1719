package io.dmio.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dmio.BlockOp;
import io.dmio.DeviceInfo;
import io.dmio.Errno;
import io.dmio.Sectors;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;
import reactor.test.scheduler.VirtualTimeScheduler;

/** Faults of the smallest and the largest arguments, and of impossible ones. */
class FaultArgumentsTest {

    private static final DeviceInfo LARGEST = DeviceInfo.of("largest", Sectors.MAX, "memory");
    private static final Duration FOREVER = Duration.ofSeconds(Long.MAX_VALUE, 999_999_999);
    private static final Verdict EIO = Verdict.of(new Verdict.Act.Fail(Errno.EIO));

    private static void refused(String why, ThrowingCallable call) {
        assertThatThrownBy(call).isInstanceOf(IllegalArgumentException.class).hasMessageContaining(why);
    }

    private static Verdict judged(Fault fault, long nanos) {
        long[] clock = {0};
        FaultPlan.Run run = FaultPlan.of(fault).start(LARGEST, () -> clock[0]);
        clock[0] = nanos;
        return run.judge(new BlockOp.Discard(0, Sectors.MAX));
    }

    @Test
    void impossibleFaultsCannotBeBuilt() {
        Fault fault = Fault.errno(Errno.EIO);
        for (long none : new long[] {0, -1, Long.MIN_VALUE}) {
            refused(none + " is not at least 1", () -> fault.nth(none));
            refused(none + " is not at least 1", () -> fault.first(none));
            refused("nowhere", () -> fault.within(3, 0));
        }
        for (long negative : new long[] {-1, Long.MIN_VALUE}) {
            refused(negative + " is not at least 0", () -> fault.after(negative));
            refused("at least 0", () -> fault.upDown(negative, 1));
            refused("at least 0", () -> fault.upDown(1, negative));
            refused("both are at least 0", () -> fault.within(negative, 1));
            refused("both are at least 0", () -> fault.within(0, negative));
            refused("both are at least 0", () -> Fault.torn(negative, Errno.EIO));
            refused("both are at least 0", () -> Fault.tornUnnoticed(negative));
            refused("both are at least 0", () -> Fault.badSectors(negative, 1));
            refused("both are at least 0", () -> Fault.badSectors(0, negative));
        }
        for (int negative : new int[] {-1, Integer.MIN_VALUE}) {
            refused("counted from 0", () -> Fault.flipped(negative));
            refused("counted from 0", () -> Fault.overwritten(negative, 0));
            refused("0 to 255", () -> Fault.overwritten(0, negative));
            refused("at least 0", () -> Fault.badSectors(0, 1, negative));
        }
        refused("0 to 255", () -> Fault.overwritten(0, 256));
        refused("not both 0", () -> fault.upDown(0, 0));
        refused("not both 0", () -> fault.upDown(Duration.ZERO, Duration.ZERO));
        refused("at most", () -> fault.within(1, Sectors.MAX));
        refused("at most", () -> Fault.badSectors(Long.MAX_VALUE, Long.MAX_VALUE));
        for (Duration negative : List.of(Duration.ofNanos(-1), Duration.ofSeconds(Long.MIN_VALUE))) {
            refused("not at least zero", () -> Fault.delayed(negative));
            refused("at least 0", () -> fault.upDown(negative, Duration.ZERO));
            refused("at least 0", () -> fault.upDown(Duration.ZERO, negative));
        }
        for (double improbable : new double[] {-0.1, 1.5, Double.NaN, Double.POSITIVE_INFINITY}) {
            refused(improbable + " is not between 0 and 1", () -> fault.chance(improbable, 1));
        }
    }

    @Test
    @SuppressWarnings("NullAway") // that is what is tested
    void nullsAreRefusedAtOnce() {
        FaultyDevice device = FaultyDevice.of(MemoryDevice.of("memory", 8));
        Fault fault = Fault.errno(Errno.EIO);
        List<ThrowingCallable> calls = List.of(
                () -> Fault.errno(null),
                () -> Fault.delayed(null),
                () -> Fault.torn(1, null),
                () -> Fault.tornAtRandom(1, null),
                () -> fault.on(null),
                () -> fault.upDown(null, Duration.ZERO),
                () -> fault.upDown(Duration.ZERO, null),
                () -> FaultPlan.of((Fault) null),
                () -> FaultPlan.none().and((Fault) null),
                () -> FaultyDevice.of(null),
                () -> FaultyDevice.of(device, (Fault) null),
                () -> FaultyDevice.of(device, (FaultPlan) null),
                () -> FaultyDevice.of(device, FaultPlan.none(), null),
                () -> device.plan((FaultPlan) null),
                () -> device.plan((Fault) null),
                () -> device.submit(null),
                () -> device.ops(null));
        calls.forEach(call -> assertThatThrownBy(call).isInstanceOf(NullPointerException.class));
        assertThat(device.plan()).hasToString("FaultPlan.of()");
    }

    @Test
    void theLargestCountsAndTheLongestTimesAreCounts() {
        Fault fault = Fault.errno(Errno.EIO);
        List<Fault> striking = List.of(
                fault.first(Long.MAX_VALUE),
                fault.after(0),
                fault.upDown(0, Long.MAX_VALUE),
                fault.upDown(Duration.ZERO, FOREVER),
                fault.upDown(Duration.ofNanos(9), FOREVER),
                fault.within(0, Sectors.MAX),
                fault.within(Sectors.MAX - 1, 1),
                fault.chance(1, Long.MIN_VALUE));
        striking.forEach(one -> assertThat(judged(one, 9)).as("%s", one).isEqualTo(EIO));
        List<Fault> sparing = List.of(
                fault.nth(Long.MAX_VALUE),
                fault.after(Long.MAX_VALUE),
                fault.upDown(Long.MAX_VALUE, Long.MAX_VALUE),
                fault.upDown(1, Long.MAX_VALUE),
                fault.upDown(Long.MAX_VALUE, 0),
                fault.upDown(FOREVER, FOREVER),
                fault.upDown(FOREVER, Duration.ZERO),
                fault.upDown(Duration.ofNanos(10), FOREVER),
                fault.chance(0, Long.MAX_VALUE),
                Fault.tornUnnoticed(Sectors.MAX),
                Fault.misdirected(Long.MIN_VALUE));
        sparing.forEach(one -> assertThat(judged(one, 9)).as("%s", one).isEqualTo(Verdict.PASS));
    }

    @Test
    void aClockThatIsSetBackIsAtTheStart() {
        Duration some = Duration.ofNanos(10);
        assertThat(judged(Fault.errno(Errno.EIO).upDown(Duration.ZERO, some), -1))
                .isEqualTo(EIO);
        assertThat(judged(Fault.errno(Errno.EIO).upDown(some, some), -1)).isEqualTo(Verdict.PASS);
    }

    @Test
    void delaysOfCenturiesLastOne() {
        VirtualTimeScheduler clock = VirtualTimeScheduler.create();
        Supplier<Mono<Void>> flush = () -> FaultyDevice.of(
                        MemoryDevice.of("memory", 8),
                        FaultPlan.of(
                                Fault.delayed(FOREVER),
                                Fault.delayed(FOREVER),
                                Fault.delayed(Duration.ofDays(1 << 20))),
                        () -> clock)
                .submit(new BlockOp.Flush());
        StepVerifier.create(flush.get())
                .then(() -> clock.advanceTimeBy(Duration.ofDays(36_525).minusNanos(1)))
                .then(() -> assertThat(clock.getScheduledTaskCount()).isOne())
                .then(() -> clock.advanceTimeBy(Duration.ofNanos(1)))
                .verifyComplete();
        assertThat(clock.isDisposed()).isFalse(); // it is the caller's
        clock.dispose();
    }

    @Test
    void aDelayOfNothingIsNone() {
        FaultyDevice device = FaultyDevice.of(MemoryDevice.of("memory", 8), Fault.delayed(Duration.ZERO));
        device.submit(new BlockOp.Flush()).block();
        assertThat(device.interferences()).isZero();
    }

    @Test
    void noOpsCanBeReleasedAndWaitedForButNotFewer() {
        FaultyDevice device = FaultyDevice.of(MemoryDevice.of("memory", 8));
        device.stall();
        device.submit(new BlockOp.Flush()).subscribe();
        device.release(0);
        assertThat(device.stalledCount()).isOne();
        StepVerifier.create(device.whenStalled(0)).verifyComplete();
        for (int negative : new int[] {-1, Integer.MIN_VALUE}) {
            refused("at least 0", () -> device.release(negative));
            refused("at least 0", () -> device.whenStalled(negative));
        }
        device.release(Integer.MAX_VALUE);
        assertThat(device.stalledCount()).isZero();
    }
}
