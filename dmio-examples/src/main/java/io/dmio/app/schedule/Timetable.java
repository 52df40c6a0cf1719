package io.dmio.app.schedule;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * Does what a plan says when its time has come. It looks at the clock again and again instead of waiting for the whole time, as clocks are
 * set, and machines sleep: what became due meanwhile is done late, but once; and correcting a wrong clock does not prevent anything. What
 * became due while it did not run is not made up for.
 */
public final class Timetable implements AutoCloseable {

    private static final Duration LOOK = Duration.ofSeconds(10);
    private static final Duration SET_BACK_MIN =
            Duration.ofHours(1); // by less nothing is done, or it would be done again

    private final Work work;
    private final Scheduler scheduler;
    private final ZoneId zone;
    private final Disposable looking;

    // guarded by this
    private Plan plan;
    private long rate;
    private Optional<ZonedDateTime> scrub = Optional.empty();
    private ZonedDateTime looked;

    /** What is done; at once, without waiting for its end. */
    public interface Work {

        /** Limits the rate of copying from now on; {@code Long.MAX_VALUE} for no limit. */
        void limit(long bytesPerSecond);

        /** Compares the legs, and makes them equal if that is wanted. */
        void scrub(boolean repair);
    }

    /** Starts a timetable by the clock of this machine. */
    public static Timetable start(Plan plan, Work work) {
        return new Timetable(plan, work, Schedulers.parallel(), ZoneId.systemDefault());
    }

    /**
     * @param scheduler the scheduler, which has the clock
     */
    Timetable(Plan plan, Work work, Scheduler scheduler, ZoneId zone) {
        this.plan = plan;
        this.work = work;
        this.scheduler = scheduler;
        this.zone = zone;
        this.looked = now();
        follow(plan);
        this.looking = Flux.interval(LOOK, scheduler).onBackpressureDrop().subscribe(tick -> look());
    }

    /** Follows another plan from now on, with the rate that it says. */
    public synchronized void follow(Plan other) {
        ZonedDateTime now = now();
        plan = other;
        scrub = plan.scrubAfter(now);
        limit(plan.rateAt(now.toLocalTime()));
    }

    private synchronized void look() {
        ZonedDateTime now = now();
        long wanted = plan.rateAt(now.toLocalTime());
        if (wanted != rate) { // an operator's setting since then holds until a change
            limit(wanted);
        }
        if (now.isBefore(looked.minus(SET_BACK_MIN))) { // what was far off by that clock may come sooner by this one
            scrub = plan.scrubAfter(now);
        }
        looked = now;
        if (scrub.isPresent() && !now.isBefore(scrub.get())) {
            scrub = plan.scrubAfter(now);
            work.scrub(plan.repair());
        }
    }

    private void limit(long wanted) {
        rate = wanted;
        work.limit(wanted);
    }

    private ZonedDateTime now() {
        return Instant.ofEpochMilli(scheduler.now(TimeUnit.MILLISECONDS)).atZone(zone);
    }

    @Override
    public void close() {
        looking.dispose();
    }
}
