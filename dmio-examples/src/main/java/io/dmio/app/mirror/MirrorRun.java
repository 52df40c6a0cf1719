package io.dmio.app.mirror;

import io.dmio.BlockDevice;
import io.dmio.DeviceException;
import io.dmio.Sectors;
import io.dmio.app.cli.CommandContext;
import io.dmio.app.cli.ProgressPrinter;
import io.dmio.mirror.LegState;
import io.dmio.mirror.LegStatus;
import io.dmio.mirror.MirrorDevice;
import io.dmio.mirror.MirrorOptions;
import io.dmio.mirror.MirrorStatus;
import io.dmio.mirror.ScrubMode;
import io.dmio.mirror.ScrubReport;
import io.dmio.mirror.WorkProgress;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/**
 * A mirror that a command has opened: waits for what goes on in it, with a bar, and closes it in good order. Blocks; for a
 * command's main thread.
 */
public final class MirrorRun implements AutoCloseable {

    private static final Duration LOOK = Duration.ofMillis(50);

    private final CommandContext context;
    private final MirrorDevice mirror;
    private final List<BlockDevice> legs;
    private final Bars bars;
    private volatile MirrorStatus latest;

    private MirrorRun(CommandContext context, MirrorDevice mirror, List<BlockDevice> legs, Bars bars) {
        this.context = context;
        this.mirror = mirror;
        this.legs = List.copyOf(legs);
        this.bars = bars;
        this.latest = status();
    }

    /**
     * Starts a mirror.
     *
     * @param context of the command
     * @param legs opened; closed here if it does not start
     * @param start creates, opens or grows it
     * @param bars draws how far it is
     */
    public static MirrorRun start(
            CommandContext context,
            List<BlockDevice> legs,
            Function<List<BlockDevice>, Mono<MirrorDevice>> start,
            Bars bars) {
        try {
            return new MirrorRun(
                    context, Objects.requireNonNull(start.apply(legs).block()), legs, bars);
        } catch (DeviceException refused) {
            legs.forEach(MirrorLegs::close);
            throw Advice.of(refused);
        } catch (RuntimeException refused) {
            legs.forEach(MirrorLegs::close);
            throw refused;
        }
    }

    /** Starts a mirror on the legs that a command was given. */
    public static MirrorRun start(
            CommandContext context, MirrorLegs legs, Function<List<BlockDevice>, Mono<MirrorDevice>> start) {
        return start(context, legs.open(context), start, bars(context, legs.json()));
    }

    /** Opens a mirror that is there already. */
    static MirrorRun open(CommandContext context, MirrorLegs legs, MirrorOptions options) {
        return start(context, legs, devices -> MirrorDevice.open(devices, options));
    }

    /** Draws how far something is, or does not. */
    public interface Bars {
        /**
         * Starts drawing.
         *
         * @param done bytes so far, asked again and again
         * @param total bytes
         * @return to be ended, or null
         */
        ProgressPrinter.@Nullable Running start(LongSupplier done, long total);
    }

    /** On standard error if a person watches, and JSON is not all that is wanted. */
    static Bars bars(CommandContext context, boolean json) {
        return (done, total) -> ProgressPrinter.ifWatched(context, json, done, total);
    }

    public MirrorDevice mirror() {
        return mirror;
    }

    /** What a new leg should have: as much as the largest of those that are there. */
    long legBytes() {
        return legs.stream().mapToLong(leg -> leg.info().bytes()).max().orElseThrow();
    }

    /** The devices it was started with. */
    public List<BlockDevice> legs() {
        return legs;
    }

    /** Adds a leg; on record when this returns. */
    void add(MirrorLegs.Opening opening) {
        try {
            mirror.add(opening.devices().get(0)).block();
        } catch (DeviceException refused) {
            opening.undo();
            throw Advice.of(refused);
        }
    }

    /**
     * Takes a leg out for good.
     *
     * @param leg its index
     * @param text told there
     */
    void remove(int leg, MirrorText text) {
        String name = status().legs().stream()
                .filter(one -> one.index() == leg)
                .map(LegStatus::name)
                .findFirst()
                .orElseThrow();
        await(mirror.remove(leg));
        text.say("leg " + leg + " (" + name + ") is out, and no part of the mirror any more");
    }

    /** How it is now. */
    public MirrorStatus status() {
        return Objects.requireNonNull(mirror.status().block(), "a mirror has a status");
    }

    /**
     * Waits until all legs that are there have everything, or it is clear that they will not, or somebody asks to stop.
     *
     * @return whether they have
     */
    public boolean resync() {
        MirrorStatus before = status();
        long total = Sectors.toBytes(lacked(before) * before.chunkSectors());
        Mono<Boolean> done =
                mirror.resync().thenReturn(true).onErrorReturn(DeviceException.class, false); // as status says
        await(Mono.firstWithSignal(done, hopeless()), total, status -> {
            long left = status.resync().map(MirrorRun::left).orElseGet(() -> lacked(status));
            return Math.max(0, total - Sectors.toBytes(left * status.chunkSectors()));
        });
        return status().legs().stream()
                .allMatch(leg -> leg.state() == LegState.IN_SYNC || leg.state() == LegState.MISSING);
    }

    /**
     * The end of most commands: brings the legs what they lack, if wished, and tells how they are.
     *
     * @param text told there
     * @param wait whether they are to be in sync then, as far as they can be
     * @return the exit code
     */
    int end(MirrorText text, boolean wait) {
        boolean synced = !wait || resync();
        MirrorStatus status = status();
        if (context.shutdown().requested() && !synced) {
            return text.stopped(status);
        }
        return text.end(status, true);
    }

    /**
     * A leg's index.
     *
     * @param leg a path as given, an index, or the name under which it was seen last
     * @param option that named it, for the refusal
     */
    int leg(String leg, String option) {
        for (LegStatus one : status().legs()) {
            if (one.name().equals(leg) || String.valueOf(one.index()).equals(leg)) {
                return one.index();
            }
        }
        throw new IllegalArgumentException(option + " " + leg + ": the mirror has no such leg; dmio mirror status shows"
                + " them, and a leg may be named by its number");
    }

    /**
     * Compares the legs.
     *
     * @return what was found, also if somebody asked to stop; it is not complete then
     */
    public ScrubReport scrub(ScrubMode mode) {
        Optional<ScrubReport> whole = await(mirror.scrub(mode), MirrorStatus::scrub);
        Mono<ScrubReport> partial = Mono.defer(mirror::status)
                .flatMap(status -> Mono.justOrEmpty(status.scrub().isPresent() ? Optional.empty() : status.lastScrub()))
                .repeatWhenEmpty(again -> again.delayElements(LOOK));
        return whole.orElseGet(() -> Objects.requireNonNull(partial.block()));
    }

    /** Waits for something that has no measure. */
    <T> Optional<T> await(Mono<T> work) {
        return await(work, 0, status -> 0);
    }

    private <T> Optional<T> await(Mono<T> work, Function<MirrorStatus, Optional<WorkProgress>> progress) {
        MirrorStatus before = status();
        long chunk = Sectors.toBytes(before.chunkSectors());
        long total = Sectors.toBytes(before.sectorCount());
        return await(
                work,
                total,
                status -> Math.min(
                        total,
                        progress.apply(status).map(WorkProgress::chunksDone).orElse(0L) * chunk));
    }

    /** Closes it: stops background work, flushes, and records that all is clean. Closes legs that went out as well. */
    @Override
    public void close() {
        try {
            mirror.close().block();
        } finally {
            legs.forEach(MirrorLegs::close);
        }
    }

    private <T> Optional<T> await(Mono<T> work, long total, ToLongFunction<MirrorStatus> done) {
        boolean[] ended = new boolean[1];
        LongSupplier bytes = () -> {
            mirror.status().subscribe(now -> latest = now); // at once, or in time for the next look
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

    private Mono<Boolean> hopeless() {
        ResyncWatch watch = new ResyncWatch(LOOK);
        return Flux.interval(LOOK, Schedulers.parallel())
                .onBackpressureDrop()
                .concatMap(tick -> mirror.status(), 1)
                .filter(watch::isHopeless)
                .next()
                .map(status -> false);
    }

    private static long left(WorkProgress resync) {
        return resync.chunksTotal() - resync.chunksDone();
    }

    /** Chunks that are to be copied: what the leg that lacks most of them lacks. */
    private static long lacked(MirrorStatus status) {
        return status.legs().stream()
                .filter(leg -> leg.state() != LegState.MISSING)
                .mapToLong(LegStatus::staleChunks)
                .max()
                .orElse(0);
    }
}
