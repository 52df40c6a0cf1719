package io.dmio.copy;

import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * A limit on the rate of work: so many bytes per second, a share of the time (dm_kcopyd_throttle), or both. May be shared by
 * any number of services, which then have the limits together. May be changed while they work: work that waits is judged again
 * at once. Safe for concurrent use.
 */
public final class Throttle {

    private static final long LOOK_NANOS_MAX = TimeUnit.DAYS.toNanos(1); // added to a clock's time it is no overflow

    private final Supplier<Scheduler> clock;

    // guarded by this
    private final RateLimit rate = new RateLimit();
    private final TimeShare share = new TimeShare();
    private Sinks.Empty<Void> changed = Sinks.empty(); // tells waiting work to look again
    private long nanosBefore;

    private Throttle(Supplier<Scheduler> clock) {
        this.clock = Objects.requireNonNull(clock, "clock");
        this.nanosBefore = clock.get().now(TimeUnit.NANOSECONDS);
    }

    /**
     * Returns a throttle without limits.
     *
     * @return a new throttle, with time from {@code Schedulers.parallel()}, or from the virtual clock a test put in its place
     */
    public static Throttle unlimited() {
        return unlimited(Schedulers::parallel);
    }

    /**
     * Returns a throttle without limits, with a clock.
     *
     * @param clock gives the time and the thread on which waiting ends; asked each time, never disposed here
     * @return a new throttle
     */
    public static Throttle unlimited(Supplier<Scheduler> clock) {
        return new Throttle(clock);
    }

    /**
     * Limits the rate, from now on. Bytes of the source count, once for all destinations.
     *
     * @param bytes bytes per second, at least 1; {@code Long.MAX_VALUE} for no limit
     * @return this throttle
     */
    public Throttle bytesPerSecondMax(long bytes) {
        if (bytes < 1) {
            throw new IllegalArgumentException(
                    "bytesPerSecondMax " + bytes + " is not at least 1: pause the copy instead");
        }
        change(() -> rate.limit(bytes));
        return this;
    }

    /**
     * Limits the share of time in which anything is in flight, from now on.
     *
     * @param percent 1 to 100; 100 for no limit
     * @return this throttle
     */
    public Throttle percentMax(int percent) {
        if (percent < 1 || percent > TimeShare.PERCENT_ALL) {
            throw new IllegalArgumentException(
                    "percentMax " + percent + " is not between 1 and 100: pause the copy for 0");
        }
        change(() -> share.limit(percent));
        return this;
    }

    /**
     * Waits for a turn, first come, first served. Call it once for each piece of work, before the work takes anything that
     * others wait for.
     *
     * @param bytes how much the work will move, at least 0; spent also if the wait is cancelled
     * @return a Mono that completes when the work may begin
     */
    public Mono<Void> admit(long bytes) {
        if (bytes < 0) {
            throw new IllegalArgumentException(bytes + " bytes are not at least 0");
        }
        return Mono.defer(() -> {
            long place = take(bytes);
            return Mono.defer(() -> waitFor(place))
                    .repeatWhenEmpty(again -> again)
                    .then();
        });
    }

    /**
     * Counts work as in flight from its subscription to its end.
     *
     * @param work work that was admitted before
     * @param <T> the type of the result
     * @return the work
     */
    public <T> Mono<T> timed(Mono<T> work) {
        Objects.requireNonNull(work, "work");
        return Mono.using(this::begin, begun -> work, begun -> end());
    }

    private synchronized long take(long bytes) {
        elapse();
        return rate.take(bytes);
    }

    /** Returns true if it is time; otherwise waits and is empty, and is to be asked again. */
    private synchronized Mono<Boolean> waitFor(long place) {
        elapse();
        long nanos = Math.max(rate.nanosUntil(place), share.nanosUntilFree());
        if (nanos == 0) {
            return Mono.just(true);
        }
        Mono<Void> look = changed.asMono();
        return nanos == Long.MAX_VALUE
                ? look.then(Mono.empty())
                : Mono.firstWithSignal(look, Mono.delay(Duration.ofNanos(Math.min(nanos, LOOK_NANOS_MAX)), clock.get()))
                        .then(Mono.empty());
    }

    private void elapse() {
        long nanos = clock.get().now(TimeUnit.NANOSECONDS);
        long elapsed = Math.max(0, nanos - nanosBefore); // a wall clock may be set back
        nanosBefore = nanos;
        rate.elapse(elapsed);
        share.elapse(elapsed);
    }

    private synchronized Throttle begin() {
        elapse();
        share.begin();
        return this;
    }

    private void end() {
        Sinks.Empty<Void> waiting;
        synchronized (this) {
            elapse();
            if (!share.end()) {
                return;
            }
            waiting = renewed();
        }
        waiting.tryEmitEmpty();
    }

    private void change(Runnable limit) {
        Sinks.Empty<Void> waiting;
        synchronized (this) {
            elapse();
            limit.run();
            waiting = renewed();
        }
        waiting.tryEmitEmpty();
    }

    // To be signalled without the lock: waiting work goes on from there.
    private Sinks.Empty<Void> renewed() {
        Sinks.Empty<Void> waiting = changed;
        changed = Sinks.empty();
        return waiting;
    }
}
