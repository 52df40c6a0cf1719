package io.dmio.examples.app;

import io.dmio.BlockDevice;
import io.dmio.Capability;
import io.dmio.DeviceException;
import io.dmio.DmIo;
import io.dmio.Errno;
import io.dmio.ErrorBits;
import io.dmio.IoMemory;
import io.dmio.IoRegion;
import io.dmio.IoRequest;
import io.dmio.IoResult;
import io.dmio.Sectors;
import io.dmio.VmBuffer;
import io.dmio.WriteOptions;
import io.netty.buffer.ByteBuf;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.SynchronousSink;
import reactor.core.scheduler.Schedulers;

/**
 * Copies one source to many legs at once: each chunk is read once, hashed once, and written to all legs side by side. A leg
 * that fails keeps its failed ranges and stops nobody. Knows nothing of the command line. One use.
 */
final class CopyJob {

    private static final int CHUNK_PAGES_MAX = 256;
    private static final String STANDARD_OUTPUT = "standard output";

    private final DmIo client;
    private final ByteSource source;
    private final List<BlockDevice> legs;
    private final CopyOptions options;
    private final List<LegTally> tallies = new ArrayList<>();
    private final Sha256 sum = new Sha256();
    private final AtomicLong bytesTaken = new AtomicLong();
    private final AtomicLong bytesDone = new AtomicLong();
    private final AtomicInteger pagesSeen = new AtomicInteger();
    private Mono<Void> stop = Mono.never();
    private volatile boolean stopped;
    private @Nullable OutputStream out;
    private @Nullable String sourceFailure;

    /**
     * A copy.
     *
     * @param client with pages; a chunk is a quarter of them
     * @param source read once
     * @param legs up to 64, writable; not closed here
     * @param options how
     */
    CopyJob(DmIo client, ByteSource source, List<BlockDevice> legs, CopyOptions options) {
        this.client = client;
        this.source = source;
        this.legs = List.copyOf(legs);
        this.options = options;
        for (BlockDevice leg : legs) {
            tallies.add(new LegTally(leg.info().name()));
        }
    }

    /** Writes the bytes to a stream too, as the last leg; not closed here. */
    CopyJob alsoTo(OutputStream stream) {
        out = stream;
        tallies.add(new LegTally(STANDARD_OUTPUT));
        return this;
    }

    /** Ends early, after what is in flight, when this completes. */
    CopyJob until(Mono<Void> signal) {
        stop = signal.doOnTerminate(() -> stopped = true);
        return this;
    }

    /** Bytes that every leg has answered for. */
    long bytesDone() {
        return bytesDone.get();
    }

    /** The most pages seen in use at once, looked at when a chunk starts. */
    int pagesSeen() {
        return pagesSeen.get();
    }

    /**
     * Runs the copy.
     *
     * @return how it ended; failures of legs and of the source are in there
     */
    Mono<CopyReport> run() {
        return Mono.defer(() -> {
            long startNanos = System.nanoTime();
            return client.run(requests())
                    .doOnNext(this::ended)
                    .doOnDiscard(ByteBuf.class, ReferenceCountUtil::safeRelease)
                    .doOnDiscard(IoRequest.class, CopyJob::release)
                    .then()
                    .onErrorResume(CopyJob::isOfTheSource, failure -> {
                        sourceFailure = text(failure);
                        return Mono.empty();
                    })
                    .then(Mono.defer(() -> options.sync() ? flush() : Mono.empty()))
                    .then(Mono.defer(() -> options.verify() && !stopped ? verify() : Mono.empty()))
                    .then(Mono.fromSupplier(() -> report(Duration.ofNanos(System.nanoTime() - startNanos))));
        });
    }

    private Flux<IoRequest> requests() {
        return source.chunks(client, chunkBytes(), alignBytes())
                .takeUntilOther(stop)
                .publishOn(
                        Schedulers.boundedElastic(), 1) // hashing, and an output that blocks, off the engine's thread
                .handle(this::take);
    }

    /** Whole pages, a quarter of the budget, so that reads and writes overlap. */
    private int chunkBytes() {
        int pages = Math.min(Math.max(client.budget().capacity() / 4, 1), CHUNK_PAGES_MAX);
        return (int) ByteSource.roundUp((long) pages * Sectors.PAGE_BYTES, alignBytes());
    }

    private int alignBytes() {
        int align = Sectors.PAGE_BYTES;
        for (BlockDevice leg : legs) {
            align = Math.max(align, leg.info().logicalBlockBytes());
        }
        return align;
    }

    private void take(ByteBuf chunk, SynchronousSink<IoRequest> sink) {
        if (tallies.stream().allMatch(LegTally::full)) {
            chunk.release();
            sink.complete(); // nobody takes more, and the source may have no end
            return;
        }
        int bytes = chunk.readableBytes();
        sum.update(chunk);
        writeOut(chunk);
        long sector = bytesTaken.getAndAdd(bytes) / Sectors.BYTES;
        List<IoRegion> regions = new ArrayList<>(legs.size());
        for (BlockDevice leg : legs) {
            long count = ByteSource.roundUp(bytes, leg.info().logicalBlockBytes()) / Sectors.BYTES;
            regions.add(new IoRegion(leg, sector, count));
        }
        pagesSeen.accumulateAndGet(client.budget().inUse(), Math::max);
        sink.next(IoRequest.write(regions, VmBuffer.of(chunk), WriteOptions.NONE));
    }

    private void writeOut(ByteBuf chunk) {
        LegTally last = tallies.isEmpty() ? null : tallies.get(tallies.size() - 1);
        if (out == null || last == null || !last.good()) {
            return;
        }
        try {
            chunk.getBytes(chunk.readerIndex(), out, chunk.readableBytes());
        } catch (IOException gone) {
            String where = " after " + Sizes.counted(bytesTaken.get(), "byte");
            last.left(gone.getMessage() + where);
        }
    }

    private void ended(IoResult result) {
        IoRequest request = result.request();
        tally(result.errorBits(), request.regions());
        bytesDone.addAndGet(request.memory().map(CopyJob::length).orElse(0));
        release(request);
    }

    private void tally(ErrorBits failed, List<IoRegion> regions) {
        failed.failedRegions().forEach(i -> {
            IoRegion region = regions.get(i);
            DeviceException unknown =
                    DeviceException.of(Errno.EIO, region.device().info().name(), "no cause was told");
            tallies.get(i)
                    .failed(region.sector(), region.count(), failed.cause(i).orElse(unknown));
        });
    }

    private static int length(IoMemory memory) {
        return memory instanceof VmBuffer buffer ? buffer.buffer().readableBytes() : (int) memory.bytes();
    }

    private static void release(IoRequest request) {
        request.memory().ifPresent(IoMemory::release);
    }

    private Mono<Void> flush() {
        return Flux.range(0, legs.size())
                .filter(i -> legs.get(i).info().can(Capability.FLUSH)) // without a cache there is nothing to flush
                .flatMap(i -> client.flush(List.of(new IoRegion(legs.get(i), 0, 0)))
                        .doOnNext(failed ->
                                failed.cause(0).ifPresent(why -> tallies.get(i).failed(0, 0, why))))
                .then();
    }

    /** Reads every good leg again, one after the other: disks like that, and the budget is small. */
    private Mono<Void> verify() {
        return Flux.range(0, legs.size())
                .filter(i -> tallies.get(i).good())
                .concatMap(i -> verify(legs.get(i), tallies.get(i)))
                .then();
    }

    private Mono<String> verify(BlockDevice leg, LegTally tally) {
        return Sha256.of(client, leg, bytesTaken.get())
                .doOnNext(found -> {
                    tally.sha256(found);
                    if (!found.equals(sum.hex())) {
                        tally.failed(Errno.EILSEQ, "reads back as other bytes than were written");
                    }
                })
                .onErrorResume(DeviceException.class, unreadable -> {
                    tally.failed(unreadable.errno(), "cannot be read again: " + unreadable.getMessage());
                    return Mono.empty();
                });
    }

    private CopyReport report(Duration elapsed) {
        List<LegReport> reports = tallies.stream().map(LegTally::report).toList();
        return new CopyReport(
                bytesTaken.get(), sum.hex(), reports, elapsed, stopped, Optional.ofNullable(sourceFailure));
    }

    private static boolean isOfTheSource(Throwable failure) {
        return failure instanceof DeviceException || failure instanceof IOException;
    }

    private static String text(Throwable failure) {
        return failure instanceof IOException io ? FileId.reason(io) : Objects.toString(failure.getMessage());
    }
}
