package io.dmio.app.cli;

import java.io.PrintStream;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/** Prints a {@link ProgressBar} while something runs: redrawn on a terminal, else a line now and then. */
public final class ProgressPrinter {

    private static final Duration REDRAW = Duration.ofMillis(100);
    private static final Duration LINES = Duration.ofSeconds(2);

    private final PrintStream to;
    private final Look look;
    private final Scheduler scheduler;

    public ProgressPrinter(PrintStream to, Look look, Scheduler scheduler) {
        this.to = to;
        this.look = look;
        this.scheduler = scheduler;
    }

    /**
     * Starts printing.
     *
     * @param done tells how many bytes are done; asked on the scheduler's thread
     * @param total in bytes, or {@link ProgressBar#UNKNOWN}
     * @return the running bar, to be ended once, which prints the last state
     */
    public Running start(LongSupplier done, long total) {
        return new Running(done, total);
    }

    /**
     * Starts printing on standard error, if a person watches there and not only JSON is wanted.
     *
     * @return as {@link #start}, or null
     */
    public static @Nullable Running ifWatched(CommandContext context, boolean json, LongSupplier done, long total) {
        Look look = context.console().errLook();
        return look.terminal() && !json
                ? new ProgressPrinter(context.console().err(), look, Schedulers.parallel()).start(done, total)
                : null;
    }

    /** A bar that is being drawn. */
    public final class Running {
        private final LongSupplier done;
        private final long total;
        private final RateMeter meter = new RateMeter();
        private final long startNanos = now();
        private final Disposable ticks;
        private boolean ended;

        private Running(LongSupplier done, long total) {
            this.done = done;
            this.total = total;
            meter.at(startNanos, 0);
            this.ticks = Flux.interval(look.terminal() ? REDRAW : LINES, scheduler)
                    .onBackpressureDrop()
                    .subscribe(tick -> tick());
        }

        private synchronized void tick() {
            if (!ended) {
                long bytes = done.getAsLong();
                meter.at(now(), bytes);
                draw(new ProgressBar.State(bytes, total, meter.bytesPerSecond()));
            }
        }

        /** Prints the last state, with the rate over the whole time. */
        public synchronized void end() {
            if (ended) {
                return;
            }
            ended = true;
            ticks.dispose();
            long bytes = done.getAsLong();
            double seconds = Math.max(now() - startNanos, 1) / 1e9;
            draw(new ProgressBar.State(bytes, total, bytes / seconds));
            if (look.terminal()) {
                to.println();
            }
        }

        private void draw(ProgressBar.State state) {
            if (look.terminal()) {
                to.print("\r" + ProgressBar.line(state, look) + "\u001b[K");
                to.flush();
            } else {
                to.println(ProgressBar.plain(state));
            }
        }
    }

    private long now() {
        return scheduler.now(TimeUnit.NANOSECONDS);
    }
}
