package io.dmio.app.copy;

import io.dmio.BlockDevice;
import io.dmio.DeviceException;
import io.dmio.DmIo;
import io.dmio.IoMemory;
import io.dmio.IoRequest;
import io.dmio.IoResult;
import io.dmio.Sectors;
import io.dmio.VmBuffer;
import io.dmio.WriteOptions;
import io.dmio.app.cli.FileId;
import io.dmio.app.cli.Sizes;
import io.netty.buffer.ByteBuf;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
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
public final class CopyJob implements Copying {

    private static final int CHUNK_PAGES_MAX = 256;
    private static final String STANDARD_OUTPUT = "standard output";

    private final DmIo client;
    private final ByteSource source;
    private final CopyLegs legs;
    private final CopySettings options;
    private final Sha256 sum = new Sha256();
    private final AtomicLong bytesTaken = new AtomicLong();
    private final AtomicLong bytesDone = new AtomicLong();
    private final AtomicInteger pagesSeen = new AtomicInteger();
    private Mono<Void> stop = Mono.never();
    private volatile boolean stopped;
    private @Nullable OutputStream out;
    private @Nullable LegTally outTally;
    private @Nullable String sourceFailure;

    /**
     * Creates a copy.
     *
     * @param client with pages; a chunk is a quarter of them
     * @param source read once
     * @param legs up to 64, writable; not closed here
     * @param options how to copy
     */
    public CopyJob(DmIo client, ByteSource source, List<BlockDevice> legs, CopySettings options) {
        this.client = client;
        this.source = source;
        this.legs = new CopyLegs(legs);
        this.options = options;
    }

    /** Writes the bytes to a stream, too, as the last leg; not closed here. */
    CopyJob alsoTo(OutputStream stream) {
        out = stream;
        outTally = legs.add(STANDARD_OUTPUT);
        return this;
    }

    /** Ends the copy early, after what is in flight, when this completes. */
    public CopyJob until(Mono<Void> signal) {
        stop = signal.doOnTerminate(() -> stopped = true);
        return this;
    }

    @Override
    public long bytesDone() {
        return bytesDone.get();
    }

    /** Returns the most pages seen in use at once, looked at when a chunk starts. */
    public int pagesSeen() {
        return pagesSeen.get();
    }

    @Override
    public Mono<CopyReport> run() {
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
                    .then(Mono.defer(() -> options.sync() ? legs.flush(client) : Mono.empty()))
                    .then(Mono.defer(() -> options.verify() && !stopped
                            ? legs.verify(client, bytesTaken.get(), sum.hex())
                            : Mono.empty()))
                    .then(Mono.fromSupplier(() -> report(Duration.ofNanos(System.nanoTime() - startNanos))));
        });
    }

    private Flux<IoRequest> requests() {
        return source.chunks(client, chunkBytes(), legs.alignBytes())
                .takeUntilOther(stop)
                .publishOn(
                        Schedulers.boundedElastic(), 1) // hashing, and an output that blocks, off the engine's thread
                .handle(this::take);
    }

    /** Returns the length of a chunk: whole pages, a quarter of the budget, so that reads and writes overlap. */
    private int chunkBytes() {
        int pages = Math.min(Math.max(client.budget().capacity() / 4, 1), CHUNK_PAGES_MAX);
        return (int) Sizes.roundUp((long) pages * Sectors.PAGE_BYTES, legs.alignBytes());
    }

    private void take(ByteBuf chunk, SynchronousSink<IoRequest> sink) {
        if (legs.full()) {
            chunk.release();
            sink.complete(); // no leg takes more, and the source may have no end
            return;
        }
        int bytes = chunk.readableBytes();
        sum.update(chunk);
        writeOut(chunk);
        long sector = bytesTaken.getAndAdd(bytes) / Sectors.BYTES;
        pagesSeen.accumulateAndGet(client.budget().inUse(), Math::max);
        sink.next(IoRequest.write(legs.regions(sector, bytes), VmBuffer.of(chunk), WriteOptions.NONE));
    }

    private void writeOut(ByteBuf chunk) {
        LegTally last = outTally;
        if (out == null || last == null || !last.good()) {
            return;
        }
        try {
            chunk.getBytes(chunk.readerIndex(), out, chunk.readableBytes());
        } catch (IOException gone) {
            String where = " after " + Sizes.counted(bytesTaken.get(), "byte");
            last.ended(gone, where);
        }
    }

    private void ended(IoResult result) {
        IoRequest request = result.request();
        legs.tally(result.errorBits(), request.regions());
        bytesDone.addAndGet(request.memory().map(CopyJob::length).orElse(0));
        release(request);
    }

    private static int length(IoMemory memory) {
        return memory instanceof VmBuffer buffer ? buffer.buffer().readableBytes() : (int) memory.bytes();
    }

    private static void release(IoRequest request) {
        request.memory().ifPresent(IoMemory::release);
    }

    private CopyReport report(Duration elapsed) {
        return new CopyReport(
                bytesTaken.get(),
                Optional.of(sum.hex()),
                legs.reports(),
                elapsed,
                stopped,
                Optional.ofNullable(sourceFailure),
                List.of());
    }

    private static boolean isOfTheSource(Throwable failure) {
        return failure instanceof DeviceException || failure instanceof IOException;
    }

    /** Returns why a source failed, for people. */
    static String text(Throwable failure) {
        return failure instanceof IOException io ? FileId.reason(io) : Objects.toString(failure.getMessage());
    }
}
