package io.dmio.device;

import io.dmio.BlockDevice;
import io.dmio.BlockOp;
import io.dmio.DeviceException;
import io.dmio.DeviceGate;
import io.dmio.DeviceInfo;
import io.dmio.Errno;
import io.dmio.ForwardingDevice;
import io.dmio.concurrent.Deferred;
import io.netty.buffer.ByteBuf;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * A device that fails as a {@link FaultPlan} says; what dm-error, dm-flakey, dm-dust and dm-delay do in the kernel. The plan
 * can be changed while the device is in use, and the device can be stalled and released by hand.
 *
 * <p>Operations that the plan does not touch go straight to the wrapped device. An operation that the plan holds, delays or
 * changes, or whose end it has to learn, belongs to this device: it keeps its own reference to the memory until the answer, and
 * a cancel only detaches the subscriber. Operations that {@link DeviceInfo#refusal(BlockOp)} refuses are never shown to the
 * plan. Signals come from the wrapped device's thread, the scheduler's after a delay, the releasing one after a stall, or the
 * subscriber's.
 */
public final class FaultyDevice extends ForwardingDevice {

    private final Supplier<Scheduler> scheduler;
    private final Stall stall = new Stall();
    private final DeviceGate gate = new DeviceGate(() -> {});
    private final Map<BlockOp.Kind, LongAdder> opCounts = new EnumMap<>(BlockOp.Kind.class); // complete, then read only
    private final LongAdder interferences = new LongAdder();
    private volatile FaultPlan.Run run;

    private FaultyDevice(BlockDevice behind, FaultPlan plan, Supplier<Scheduler> scheduler) {
        super(behind);
        this.scheduler = Objects.requireNonNull(scheduler, "scheduler");
        for (BlockOp.Kind kind : BlockOp.Kind.values()) {
            opCounts.put(kind, new LongAdder());
        }
        this.run = Objects.requireNonNull(plan, "plan").start(behind.info(), this::nanos);
    }

    /**
     * Returns a device with some faults; with none, it can be stalled and given a plan later.
     *
     * @param behind the wrapped device; closed with this one
     * @param faults any number
     * @return the device, with time from {@code Schedulers.parallel()}, or from the virtual clock a test put in its place
     */
    public static FaultyDevice of(BlockDevice behind, Fault... faults) {
        return of(behind, FaultPlan.of(faults));
    }

    /**
     * Returns a device with a plan.
     *
     * @param behind the wrapped device; closed with this one
     * @param plan how the device fails
     * @return the device, with time from {@code Schedulers.parallel()}, or from the virtual clock a test put in its place
     */
    public static FaultyDevice of(BlockDevice behind, FaultPlan plan) {
        return of(behind, plan, Schedulers::parallel);
    }

    /**
     * Returns a device with a plan and a clock.
     *
     * @param behind the wrapped device; closed with this one
     * @param plan how the device fails
     * @param scheduler gives the clock and the thread of delays; asked each time, never disposed here
     * @return the device
     */
    public static FaultyDevice of(BlockDevice behind, FaultPlan plan, Supplier<Scheduler> scheduler) {
        return new FaultyDevice(behind, plan, scheduler);
    }

    @Override
    public Mono<Void> submit(BlockOp op) {
        Objects.requireNonNull(op, "op");
        return Mono.defer(() -> {
            if (gate.isShut()) {
                return Mono.error(error(Errno.ESHUTDOWN, op, ""));
            }
            if (info().refusal(op).isPresent()) {
                return behind().submit(op);
            }
            count(op.kind()).increment();
            FaultPlan.Run judge = run;
            Verdict verdict = judge.judge(op);
            if (!verdict.passesAtOnce() || stall.isOn()) {
                interferences.increment();
                return detour(op, verdict, judge);
            }
            return judge.remembers(op) ? detour(op, verdict, judge) : behind().submit(op);
        });
    }

    /**
     * Refuses new operations, waits for those in flight, and closes the wrapped device. Stalled operations are in flight:
     * closing waits for their {@link #release}.
     */
    @Override
    public Mono<Void> close() {
        return gate.close().then(Deferred.mono(behind()::close));
    }

    /**
     * Returns the plan in use.
     *
     * @return as it was given
     */
    public FaultPlan plan() {
        return run.plan();
    }

    /**
     * Uses another plan from now on, counting and timing from the start. Operations judged before keep their verdict.
     *
     * @param other the new plan
     */
    public void plan(FaultPlan other) {
        run = other.start(behind().info(), this::nanos);
    }

    /**
     * Uses a plan of the given faults from now on. To end all faults pass {@link FaultPlan#none()}: {@code plan()} without
     * arguments returns the plan.
     *
     * @param faults at least one
     */
    public void plan(Fault... faults) {
        plan(FaultPlan.of(faults));
    }

    /** Makes every operation from now on wait for {@link #release()}, whatever the plan says. */
    public void stall() {
        stall.start();
    }

    /** Ends a stall, also of {@link Fault#stalled}: operations that wait go on in the order they came, on this thread. */
    public void release() {
        stall.end();
    }

    /**
     * Releases some of the waiting operations, in the order they came, on this thread. A stall stays.
     *
     * @param count how many at most, at least 0
     */
    public void release(int count) {
        stall.release(notNegative(count));
    }

    /**
     * Returns how many operations wait for a release.
     *
     * @return a number that other threads may change
     */
    public int stalledCount() {
        return stall.count();
    }

    /**
     * Waits until operations are stalled, so that a test needs no sleep.
     *
     * @param count how many, at least 0
     * @return a Mono that completes when at least that many wait at once, on the thread of the last one
     */
    public Mono<Void> whenStalled(int count) {
        return stall.reached(notNegative(count));
    }

    /**
     * Returns how many operations of a kind came, refused ones aside.
     *
     * @param kind which
     * @return a count since the device was made
     */
    public long ops(BlockOp.Kind kind) {
        return count(Objects.requireNonNull(kind, "kind")).sum();
    }

    /**
     * Returns how many operations came, refused ones aside.
     *
     * @return a count since the device was made
     */
    public long ops() {
        return opCounts.values().stream().mapToLong(LongAdder::sum).sum();
    }

    /**
     * Returns how many operations did not go straight to the wrapped device.
     *
     * @return those failed, held, delayed or changed since the device was made
     */
    public long interferences() {
        return interferences.sum();
    }

    @Override
    public String toString() {
        return "FaultyDevice[" + behind() + ", " + plan() + "]";
    }

    /** Performs an operation, which runs to its end even if it is cancelled. */
    private Mono<Void> detour(BlockOp op, Verdict verdict, FaultPlan.Run judge) {
        Mono<Void> turn = stall.pass(verdict.held()).then(delay(verdict));
        Mono<Void> act = Mono.defer(() -> new Detour(behind(), judge).of(op, verdict.act()));
        return Mono.defer(() -> Postponed.until(turn, act, hold(op)));
    }

    /** Takes what an operation holds until it is answered, its memory and the gate; returns what gives them back. */
    private Runnable hold(BlockOp op) {
        ByteBuf memory = Edit.memoryOf(op).retain(); // throws if released; then nobody is inside
        if (!gate.enter()) {
            memory.release();
            throw error(Errno.ESHUTDOWN, op, "");
        }
        return () -> {
            memory.release();
            gate.exit();
        };
    }

    private Mono<Void> delay(Verdict verdict) {
        return verdict.delay().isZero()
                ? Mono.empty()
                : Mono.defer(() -> Mono.delay(verdict.delay(), scheduler.get()).then());
    }

    private static int notNegative(int count) {
        if (count < 0) {
            throw new IllegalArgumentException(count + " operations are not at least 0");
        }
        return count;
    }

    private LongAdder count(BlockOp.Kind kind) {
        return Objects.requireNonNull(opCounts.get(kind));
    }

    private DeviceException error(Errno errno, BlockOp op, String detail) {
        return DeviceException.of(errno, info().name(), op, detail);
    }

    private long nanos() {
        return scheduler.get().now(TimeUnit.NANOSECONDS);
    }
}
