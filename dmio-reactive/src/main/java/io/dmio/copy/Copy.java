package io.dmio.copy;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/**
 * One copy, to run, to watch and to pause. Created by a {@link CopyService}. Cold: nothing is touched before {@link #run} is
 * subscribed, and each subscription copies from the start again, so {@code retry} and {@code repeat} work; two at a time are
 * refused. Safe for concurrent use.
 */
public final class Copy {

    private static final Duration CENTURY =
            Duration.ofDays(36_525); // added to a clock's time it still fits nanoseconds

    private final CopyService service;
    private final CopyPlan plan;
    private final PauseGate gate = new PauseGate();

    // guarded by this
    private CopyRun current; // the run in progress, or the next
    private boolean running;

    Copy(CopyService service, CopyPlan plan) {
        this.service = service;
        this.plan = plan;
        this.current = new CopyRun(service, plan, gate);
    }

    /**
     * Runs the copy. Failures of devices are in the result. A cancel stops the signals at once: nothing more is submitted, what
     * was submitted runs to its end with its memory kept, and {@link CopyService#close} waits for it.
     *
     * @return a Mono of the result, when nothing of this copy is in flight any more; errors with {@link IllegalStateException}
     *     if this copy runs already, the service is closed, or its pages do not hold one block of a device, and with an
     *     overflow ({@link reactor.core.Exceptions#isOverflow}) if too many copies run
     */
    public Mono<CopyResult> run() {
        return Mono.using(this::begin, CopyRun::result, this::end);
    }

    /**
     * Reports the progress of the copy that runs, or of the next one. A slow subscriber gets the newest state and misses older
     * ones; the copy never waits for it. States after the first come on the thread of the service's clock, or the one that
     * ended the copy.
     *
     * @param every how often, more than zero; more than a century counts as one
     * @return a Flux of the state now, then at each tick, and once more when the copy has ended, in whatever way, or was
     *     refused; then it completes
     */
    public Flux<CopyProgress> progress(Duration every) {
        if (every.isZero() || every.isNegative()) {
            throw new IllegalArgumentException("progress every " + every + ": more than zero");
        }
        Duration tick = every.compareTo(CENTURY) > 0 ? CENTURY : every;
        return Flux.defer(() -> {
            CopyRun watched = watched();
            Mono<CopyProgress> now = Mono.fromSupplier(sampling(watched));
            Flux<CopyProgress> ticks = Flux.interval(tick, service.clock())
                    .onBackpressureDrop()
                    .takeUntilOther(watched.ended())
                    .concatMap(number -> now, 0);
            return Flux.concat(now, ticks, now).onBackpressureLatest();
        });
    }

    private Supplier<CopyProgress> sampling(CopyRun watched) {
        Scheduler clock = service.clock();
        ProgressMeter meter = new ProgressMeter(watched.bytesDone(), clock.now(TimeUnit.NANOSECONDS));
        return () -> meter.sample(
                watched.bytesDone(), plan.to().get(0).bytes(), clock.now(TimeUnit.NANOSECONDS), gate.isShut());
    }

    /**
     * Pauses the copy: from now on no piece gets its turn. Pieces that had their turn run to their end: those in flight, those
     * in the queue for pages, and at most one behind them. A paused copy counts as running, for {@link CopyService#close}, too.
     */
    public void pause() {
        gate.shut();
    }

    /** Resumes the copy where {@link #pause} stopped it; harmless if it is not paused. */
    public void resume() {
        gate.reopen();
    }

    private synchronized CopyRun watched() {
        return current;
    }

    private CopyRun begin() {
        CopyRun run;
        synchronized (this) {
            if (running) {
                throw new IllegalStateException("this copy runs already: make another, or wait for its end");
            }
            running = true;
            run = current;
        }
        try {
            service.enter();
        } catch (RuntimeException refused) {
            over(run);
            throw refused;
        }
        return run;
    }

    private void end(CopyRun run) {
        service.exit();
        over(run);
    }

    private void over(CopyRun run) {
        synchronized (this) {
            running = false;
            current = new CopyRun(service, plan, gate);
        }
        run.end();
    }
}
