package io.dmio.device;

import io.dmio.BlockDevice;
import io.dmio.BlockOp;
import io.dmio.DeviceCall;
import io.dmio.DeviceException;
import io.dmio.Errno;
import io.dmio.Extent;
import io.dmio.ForwardingDevice;
import io.dmio.concurrent.Completion;
import io.dmio.concurrent.Deferred;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import reactor.core.CoreSubscriber;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * A device with a deadline: what the wrapped device has not answered by the deadline fails with ETIMEDOUT, so that only the bit
 * of this leg of a request is set. A {@code timeout} on the request could not say which leg it was.
 *
 * <p>The deadline does not stop the operation: it is overdue until the wrapped device answers, if ever, and may still be done.
 * <b>Memory</b> of an overdue write is held by the wrapped device until then, so it may be released but not changed; give it a
 * stable copy ({@link io.dmio.WriteOptions#withStableCopy}) to avoid that. Memory of an overdue read is free at once, as reads
 * go through memory of this device's own, which costs a copy; so another leg may be read into the same memory. While the
 * wrapped device owes {@link #overdueMax} answers or more, it is asked for nothing more: everything fails with ETIMEDOUT at
 * once, so a leg that hangs holds no more than those and what was in flight.
 *
 * <p>Signals come on the thread of the wrapped device, those of a deadline on the scheduler's. A thread that is lent
 * ({@link io.dmio.LentThread}) is not passed on: it would be stuck in the call.
 */
public final class DeadlineDevice extends ForwardingDevice {

    private static final int OVERDUE_MAX = 64;
    private static final Duration LONGEST = Duration.ofNanos(Long.MAX_VALUE); // what schedulers count to: centuries

    private final Duration deadline;
    private final int overdueMax;
    private final Supplier<Scheduler> scheduler;
    private final AtomicInteger overdue = new AtomicInteger();

    private DeadlineDevice(BlockDevice behind, Duration deadline, int overdueMax, Supplier<Scheduler> scheduler) {
        super(behind);
        Objects.requireNonNull(deadline, "deadline");
        this.deadline = deadline.compareTo(LONGEST) < 0 ? deadline : LONGEST;
        this.overdueMax = overdueMax;
        this.scheduler = Objects.requireNonNull(scheduler, "scheduler");
        if (deadline.isNegative() || deadline.isZero()) {
            throw new IllegalArgumentException("deadline " + deadline + ": it has to be more than nothing");
        }
        if (overdueMax < 1) {
            throw new IllegalArgumentException("overdueMax " + overdueMax + ": at least 1 is needed");
        }
    }

    /**
     * Returns a device with a deadline for each operation, and at most 64 that are overdue.
     *
     * @param behind the wrapped device; closed with this one
     * @param deadline the time from subscribe to answer, more than zero; a queue in front of the disk counts
     * @return the device, with time from {@code Schedulers.parallel()}, or from the virtual clock a test put in its place
     */
    public static DeadlineDevice of(BlockDevice behind, Duration deadline) {
        return new DeadlineDevice(behind, deadline, OVERDUE_MAX, Schedulers::parallel);
    }

    /**
     * Returns the same device with another bound; it starts counting again.
     *
     * @param count how many answers the wrapped device may owe before it is asked for nothing more, at least 1
     * @return a new device in front of the same one
     */
    public DeadlineDevice withOverdueMax(int count) {
        return new DeadlineDevice(behind(), deadline, count, scheduler);
    }

    /**
     * Returns the same device with another clock; it starts counting again.
     *
     * @param clock gives the time and the thread of deadlines; asked each time, never disposed here
     * @return a new device in front of the same one
     */
    public DeadlineDevice withScheduler(Supplier<Scheduler> clock) {
        return new DeadlineDevice(behind(), deadline, overdueMax, Objects.requireNonNull(clock, "clock"));
    }

    /**
     * Returns how many answers the wrapped device owes after their deadline.
     *
     * @return a snapshot
     */
    public int overdueCount() {
        return overdue.get();
    }

    /**
     * Returns how many answers the wrapped device may owe before it is asked for nothing more.
     *
     * @return at least 1
     */
    public int overdueMax() {
        return overdueMax;
    }

    @Override
    public Mono<Void> submit(BlockOp op) {
        Objects.requireNonNull(op, "op");
        return new Mono<>() {
            @Override
            public void subscribe(CoreSubscriber<? super Void> actual) {
                start(op, actual);
            }
        };
    }

    private void start(BlockOp op, CoreSubscriber<? super Void> actual) {
        Deadline running;
        try {
            Optional<DeviceException> refused = info().refusal(op);
            if (refused.isEmpty() && overdue.get() >= overdueMax) {
                refused = Optional.of(
                        late(op, "it owes " + overdueMax + " answers, and is asked for nothing until it gives one"));
            }
            if (refused.isPresent()) {
                Operators.error(actual, refused.get());
                return;
            }
            running = new Deadline(op, actual, this);
        } catch (Throwable broken) { // memory that was released, or none left
            Operators.error(actual, DeviceException.wrap("a device", op, broken));
            return;
        }
        running.start();
    }

    private DeviceException late(BlockOp op, String detail) {
        return DeviceException.of(Errno.ETIMEDOUT, info().name(), op, detail);
    }

    /** Asks the device behind, however late it answers. */
    Mono<Void> ask(BlockOp op) {
        return DeviceCall.of(behind(), op);
    }

    /** Runs something when an operation's time is over. */
    Disposable atDeadline(Runnable task) {
        return scheduler.get().schedule(task, deadline.toNanos(), TimeUnit.NANOSECONDS);
    }

    /** Returns the failure that is told then. */
    DeviceException late(BlockOp op) {
        return late(op, "no answer in " + deadline.toMillis() + " ms; it may be done yet");
    }

    void becomesOverdue() {
        overdue.incrementAndGet();
    }

    void isOverdueNoMore() {
        overdue.decrementAndGet();
    }

    /** Reports extents within the deadline, too; there is no memory in it. */
    @Override
    public Mono<List<Extent>> extents(long sector, long sectorCount) {
        return Mono.defer(() -> DeviceCall.extents(behind(), sector, sectorCount)
                .timeout(deadline, timedOut("extents"), scheduler.get()));
    }

    /**
     * Closes the wrapped device, which waits for what is overdue.
     *
     * @return as the wrapped device's; errors with ETIMEDOUT if it is not closed within the deadline, and goes on
     */
    @Override
    public Mono<Void> close() {
        return Mono.defer(() ->
                Completion.once(Deferred.mono(behind()::close)).timeout(deadline, timedOut("close"), scheduler.get()));
    }

    private <T> Mono<T> timedOut(String what) {
        return Mono.error(() -> DeviceException.of(
                Errno.ETIMEDOUT, info().name(), what + ": no answer in " + deadline.toMillis() + " ms"));
    }
}
