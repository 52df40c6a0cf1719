package io.dmio.app.copy;

import io.dmio.BlockDevice;
import io.dmio.DeviceException;
import io.dmio.DmIo;
import io.dmio.IoRegion;
import io.dmio.PageBudget;
import io.dmio.Sectors;
import io.dmio.VmBuffer;
import io.dmio.copy.Copy;
import io.dmio.copy.CopyOptions;
import io.dmio.copy.CopyProgress;
import io.dmio.copy.CopyResult;
import io.dmio.copy.CopyService;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Schedulers;

/**
 * Copies a file or disk to many legs by a {@link CopyService}, and then the odd bytes at a file's end. A leg that fails keeps its failed
 * ranges and does not stop the others. A copy that ends early ends in good order: what was begun is finished, so that the legs have
 * everything up to one point. Knows nothing of the command line. One use.
 */
final class DeviceCopyJob implements Copying {

    private static final Duration LOOK = Duration.ofMillis(50);

    private final CopyService service;
    private final DmIo client;
    private final DeviceSource source;
    private final CopyLegs legs;
    private final CopySettings settings;
    private final AtomicLong bytesDone = new AtomicLong();
    private final AtomicLong firstUnread = new AtomicLong(Long.MAX_VALUE); // sector
    private final FailedRanges unread = new FailedRanges(); // and left out
    private final Sinks.Empty<Void> ended = Sinks.empty();
    private final boolean newFiles;
    private Mono<Void> stop = Mono.never();
    private volatile boolean stopped;
    private volatile Optional<String> sourceFailure = Optional.empty();

    /**
     * Creates a copy.
     *
     * @param service copies; not closed here
     * @param client reads and writes the odd bytes, and verifies
     * @param source the source
     * @param legs up to 64, writable; not closed here
     * @param settings how to copy
     * @param newFiles whether every leg reads as zeroes already
     */
    DeviceCopyJob(
            CopyService service,
            DmIo client,
            DeviceSource source,
            List<BlockDevice> legs,
            CopySettings settings,
            boolean newFiles) {
        this.service = service;
        this.client = client;
        this.source = source;
        this.legs = new CopyLegs(legs);
        this.settings = settings;
        this.newFiles = newFiles;
    }

    /** Ends the copy early, after what is in flight, when this completes. */
    DeviceCopyJob until(Mono<Void> signal) {
        stop = signal.doOnTerminate(() -> stopped = true);
        return this;
    }

    @Override
    public long bytesDone() {
        return bytesDone.get();
    }

    @Override
    public Mono<CopyReport> run() {
        return Mono.defer(() -> {
            long startNanos = System.nanoTime();
            return blocks().flatMap(this::rest)
                    .flatMap(bytes -> (settings.sync() ? legs.flush(client) : Mono.empty())
                            .then(
                                    settings.verify()
                                                    && !endedEarly()
                                                    && unread.list().isEmpty()
                                            ? verified()
                                            : Mono.just(Optional.<String>empty()))
                            .map(sum -> report(bytes, sum, Duration.ofNanos(System.nanoTime() - startNanos))));
        });
    }

    /** Copies all whole blocks; returns how many bytes every leg has from the start on, apart from failed ones. */
    private Mono<Long> blocks() {
        int align = Math.max(legs.alignBytes(), source.device().info().logicalBlockBytes());
        long whole = source.bytes() / align * align;
        if (whole == 0) {
            return Mono.just(0L);
        }
        BlockDevice from = new WatchedDevice(source.device(), (op, why) -> unread(op.sector(), why), () -> false);
        List<IoRegion> to = new ArrayList<>();
        for (int i = 0; i < legs.devices().size(); i++) {
            LegTally tally = legs.tally(i);
            BlockDevice leg = new WatchedDevice(
                    legs.devices().get(i), (op, why) -> failed(tally, op.sector(), op.sectorCount(), why), tally::full);
            to.add(new IoRegion(leg, 0, whole / Sectors.BYTES));
        }
        Copy copy = service.copy(new IoRegion(from, 0, whole / Sectors.BYTES), to, options());
        Mono<Void> early = Mono.firstWithSignal(stop, ended.asMono()).then(Mono.defer(() -> drained(copy)));
        Mono<Optional<CopyResult>> result =
                copy.run().takeUntilOther(early).map(Optional::of).defaultIfEmpty(Optional.empty());
        Mono<Boolean> watching = copy.progress(LOOK).doOnNext(this::done).then(Mono.just(true));
        return Mono.zip(
                watching,
                result,
                (watched, end) -> endOf(end)); // a watcher that comes after the end would watch the next run
    }

    private long endOf(Optional<CopyResult> result) {
        if (settings.goOn()) {
            result.ifPresent(end -> end.unread().forEach(range -> unread.add(range.sector(), range.count())));
        }
        long done = result.map(CopyResult::bytesDone).orElseGet(bytesDone::get);
        return firstUnread.get() == Long.MAX_VALUE ? done : Math.min(done, Sectors.toBytes(firstUnread.get()));
    }

    // Pieces begin in order. So when no more begin, and those begun are over, the legs have everything up to one point.
    private Mono<Void> drained(Copy copy) {
        copy.pause();
        PageBudget pages = service.budget();
        return Flux.interval(LOOK, Schedulers.parallel())
                .filter(tick -> tick > 0 && pages.inUse() == 0)
                .next()
                .thenMany(copy.progress(LOOK).next())
                .doOnNext(this::done)
                .then();
    }

    private void done(CopyProgress now) {
        bytesDone.accumulateAndGet(now.bytesDone(), Math::max);
    }

    /** Copies the bytes after the last whole block that all legs have in common. */
    private Mono<Long> rest(long done) {
        if (endedEarly() || done == source.bytes()) {
            return Mono.just(done);
        }
        return source.last(client, done, legs.alignBytes())
                .flatMap(bytes -> {
                    List<IoRegion> to = legs.regions(done / Sectors.BYTES, bytes.readableBytes());
                    return client.write(to, VmBuffer.of(bytes))
                            .doOnNext(failed -> legs.tally(failed, to))
                            .doOnTerminate(bytes::release)
                            .then(Mono.fromSupplier(() -> bytesDone.addAndGet(source.bytes() - done)))
                            .thenReturn(source.bytes());
                })
                .onErrorResume(DeviceException.class, unreadable -> {
                    sourceFailure = Optional.of(CopyJob.text(unreadable));
                    return Mono.just(done);
                });
    }

    private Mono<Optional<String>> verified() {
        return source.sha256(client)
                .flatMap(sum -> legs.verify(client, source.bytes(), sum).thenReturn(Optional.of(sum)))
                .onErrorResume(DeviceException.class, unreadable -> {
                    sourceFailure = Optional.of("it cannot be read again: " + CopyJob.text(unreadable));
                    return Mono.just(Optional.empty());
                });
    }

    private CopyOptions options() {
        CopyOptions going = CopyOptions.NONE.withGoOnAfterError();
        return settings.sparse() ? going.with(newFiles ? CopyOptions.Sparse.SKIP : CopyOptions.Sparse.PUNCH) : going;
    }

    private void unread(long sector, DeviceException why) {
        if (!settings.goOn()) {
            firstUnread.accumulateAndGet(sector, Math::min);
            sourceFailure = Optional.of(CopyJob.text(why));
            ended.tryEmitEmpty();
        }
    }

    private void failed(LegTally tally, long sector, long count, DeviceException why) {
        tally.failed(sector, count, why);
        if (legs.full()) {
            ended.tryEmitEmpty(); // no leg takes more
        }
    }

    private boolean endedEarly() {
        return stopped || sourceFailure.isPresent() || legs.full();
    }

    private CopyReport report(long bytes, Optional<String> sum, Duration elapsed) {
        return new CopyReport(bytes, sum, legs.reports(), elapsed, stopped, sourceFailure, unread.list());
    }
}
