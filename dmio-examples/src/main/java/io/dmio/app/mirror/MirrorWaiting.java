package io.dmio.app.mirror;

import io.dmio.Sectors;
import io.dmio.app.cli.CommandContext;
import io.dmio.app.cli.ProgressPrinter;
import io.dmio.mirror.LegState;
import io.dmio.mirror.LegStatus;
import io.dmio.mirror.MirrorStatus;
import io.dmio.mirror.ScrubReport;
import io.dmio.mirror.WorkProgress;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** Waits for work in a mirror, with a bar, until it ends, it is clear that it never will, or somebody asks to stop. Blocks. */
public final class MirrorWaiting {

    static final Duration LOOK = Duration.ofMillis(50);
    private static final int NO_LEG = -1;

    private final CommandContext context;
    private final Steering steering;
    private final Bars bars;
    private volatile MirrorStatus latest;

    MirrorWaiting(CommandContext context, Steering steering, Bars bars) {
        this.context = context;
        this.steering = steering;
        this.bars = bars;
        this.latest = status();
    }

    /** Draws the progress of something, or draws nothing. */
    public interface Bars {
        /**
         * Starts drawing.
         *
         * @param done the bytes so far, asked again and again
         * @param total bytes
         * @return the running bar, to be ended, or null
         */
        ProgressPrinter.@Nullable Running start(LongSupplier done, long total);
    }

    /** Waits for something whose progress cannot be measured. */
    <T> Optional<T> until(Mono<T> work) {
        return await(work, 0, status -> 0);
    }

    /** Waits until all legs have everything. */
    void resynced(Mono<Boolean> work) {
        MirrorStatus before = status();
        long total = Sectors.toBytes(lacked(before) * before.chunkSectors());
        await(Mono.firstWithSignal(work, hopeless(NO_LEG)), total, status -> {
            long left = status.resync().map(MirrorWaiting::left).orElseGet(() -> lacked(status));
            return Math.max(0, total - Sectors.toBytes(left * status.chunkSectors()));
        });
    }

    /** Waits until a new leg has everything, and another one is out; returns whether it is. */
    boolean replaced(Mono<Boolean> work, int leaving) {
        long total = Sectors.toBytes(status().sectorCount());
        return await(Mono.firstWithSignal(work, hopeless(leaving)), total, status -> copied(status, total))
                .orElse(false);
    }

    /** Waits until all legs are compared. */
    Optional<ScrubReport> scrubbed(Mono<ScrubReport> work) {
        MirrorStatus before = status();
        long chunk = Sectors.toBytes(before.chunkSectors());
        long total = Sectors.toBytes(before.sectorCount());
        return await(
                work,
                total,
                status -> Math.min(
                        total, status.scrub().map(WorkProgress::chunksDone).orElse(0L) * chunk));
    }

    private MirrorStatus status() {
        return Objects.requireNonNull(steering.status().block(), "a mirror has a status");
    }

    // The leg that lacks most is the one that is copied.
    private static long copied(MirrorStatus status, long total) {
        return Math.max(0, total - Sectors.toBytes(lacked(status) * status.chunkSectors()));
    }

    private <T> Optional<T> await(Mono<T> work, long total, ToLongFunction<MirrorStatus> done) {
        boolean[] ended = new boolean[1];
        LongSupplier bytes = () -> {
            steering.status().subscribe(now -> latest = now, lost -> {}); // at once, or in time for the next look
            return ended[0] ? total : done.applyAsLong(latest);
        };
        ProgressPrinter.@Nullable Running running = total > 0 ? bars.start(bytes, total) : null;
        try {
            Optional<T> result =
                    work.takeUntilOther(context.shutdown().signal()).blockOptional();
            ended[0] = result.isPresent() && !context.shutdown().requested();
            return result;
        } finally {
            if (running != null) {
                running.end();
            }
        }
    }

    private Mono<Boolean> hopeless(int leaving) {
        ResyncWatch watch = new ResyncWatch(LOOK, leaving, status());
        return Flux.interval(LOOK, Schedulers.parallel())
                .onBackpressureDrop()
                .concatMap(tick -> steering.status(), 1)
                .filter(watch::isHopeless)
                .next()
                .map(status -> false);
    }

    private static long left(WorkProgress resync) {
        return resync.chunksTotal() - resync.chunksDone();
    }

    /** Returns the chunks that are to be copied: those of the leg that lacks most. */
    private static long lacked(MirrorStatus status) {
        return status.legs().stream()
                .filter(leg -> leg.state() != LegState.MISSING)
                .mapToLong(LegStatus::staleChunks)
                .max()
                .orElse(0);
    }
}
