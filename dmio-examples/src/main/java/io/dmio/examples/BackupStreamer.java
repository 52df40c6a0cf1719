package io.dmio.examples;

import io.dmio.BlockDevice;
import io.dmio.DeviceException;
import io.dmio.DmIo;
import io.dmio.ErrorBits;
import io.dmio.IoRegion;
import io.dmio.IoRequest;
import io.dmio.IoResult;
import io.dmio.VmBuffer;
import io.dmio.WriteOptions;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.SynchronousSink;
import reactor.core.scheduler.Schedulers;

/**
 * Packs a stream of bytes and writes it to several targets at once, in pieces ({@link BackupPiece}). A target that fails gets nothing more,
 * and the others go on. After every few pieces all targets are flushed, so whatever happens then, the backup can go on from there: what is
 * durable is read from the targets themselves. It takes the memory of the client's pages, and of one piece. One object makes one backup.
 */
public final class BackupStreamer {

    private static final int PIECES_A_FLUSH = 8;
    private static final int SECTOR_BYTES = 512;

    private final DmIo io;
    private final List<BlockDevice> targets;
    private final Consumer<Long> durable;
    private final Map<Integer, DeviceException> failed = new TreeMap<>();

    private long pieces;
    private long sector;
    private long sum;
    private boolean ended;

    /**
     * Creates a backup to be made.
     *
     * @param io with pages for a piece: 600, or more
     * @param targets devices, each with its content from sector 0 on
     * @param durable told how many pieces are durable on all targets that have not failed
     */
    public BackupStreamer(DmIo io, List<? extends BlockDevice> targets, Consumer<Long> durable) {
        this.io = io;
        this.targets = List.copyOf(targets);
        this.durable = durable;
    }

    /**
     * Finds where an interrupted backup goes on.
     *
     * @param content the same content from its beginning; the part that the targets have is read and skipped
     * @return a Mono of how many pieces all targets have; errors with an {@link IllegalStateException} if the content differs from theirs
     */
    public Mono<Long> resume(InputStream content) {
        return Flux.fromIterable(targets)
                .concatMap(this::found)
                .collectList()
                .publishOn(Schedulers.boundedElastic())
                .map(found -> skip(content, found));
    }

    /**
     * Writes what is left of the content.
     *
     * @param content read to its end, on a thread that may block
     * @return a Mono of the targets that failed, with the first failure of each; completes when all others have everything, durably. Errors
     *     if the content cannot be read
     */
    public Mono<Map<Integer, DeviceException>> run(InputStream content) {
        Flux<IoRequest> requests =
                Flux.<IoRequest>generate(sink -> next(content, sink)).subscribeOn(Schedulers.boundedElastic());
        Flux<ErrorBits> flushes = io.runInOrder(requests)
                .doOnNext(this::note)
                .window(PIECES_A_FLUSH)
                .concatMap(some -> some.count().flatMap(this::flush), 1);
        Mono<ErrorBits> found = Mono.defer(() -> pieces > 0 ? flush(0) : Mono.empty()); // it may only be in caches
        return found.thenMany(flushes).then(Mono.fromSupplier(() -> Map.copyOf(failed)));
    }

    private void next(InputStream content, SynchronousSink<IoRequest> sink) {
        try {
            List<IoRegion> left = regions(0, 0);
            if (ended || left.isEmpty()) {
                sink.complete();
                return;
            }
            byte[] bytes = content.readNBytes(BackupPiece.CONTENT_BYTES_MAX);
            ended = bytes.length < BackupPiece.CONTENT_BYTES_MAX;
            VmBuffer piece = BackupPiece.packed(sum, bytes, ended);
            sum = BackupPiece.sum(sum, bytes);
            long sectors = piece.bytes() / SECTOR_BYTES;
            sink.next(IoRequest.write(regions(sector, sectors), piece, WriteOptions.NONE)
                    .owning());
            sector += sectors;
        } catch (IOException unreadable) {
            sink.error(unreadable);
        }
    }

    /** Returns the same place of all targets that have not failed. */
    private List<IoRegion> regions(long first, long count) {
        synchronized (failed) {
            List<IoRegion> left = new ArrayList<>();
            for (int i = 0; i < targets.size(); i++) {
                if (!failed.containsKey(i)) {
                    left.add(new IoRegion(targets.get(i), first, count));
                }
            }
            return left;
        }
    }

    private void note(IoResult result) {
        note(result.request().regions(), result.errorBits());
    }

    private void note(List<IoRegion> regions, ErrorBits bits) {
        synchronized (failed) {
            bits.failedRegions()
                    .forEach(i -> failed.putIfAbsent(
                            targets.indexOf(regions.get(i).device()),
                            bits.cause(i).orElseThrow()));
        }
    }

    private Mono<ErrorBits> flush(long count) {
        return Mono.defer(() -> {
            List<IoRegion> left = regions(0, 0);
            return left.isEmpty() ? Mono.empty() : io.flush(left).doOnNext(bits -> flushed(left, bits, count));
        });
    }

    private void flushed(List<IoRegion> regions, ErrorBits bits, long count) {
        note(regions, bits);
        pieces += count;
        if (!regions(0, 0).isEmpty()) {
            durable.accept(pieces);
        }
    }

    /**
     * The state of a target after a piece.
     *
     * @param sector where the next piece begins
     * @param sum the sum of everything up to there
     * @param last whether the backup is complete
     */
    private record Mark(long sector, long sum, boolean last) {}

    /** Finds the pieces that a target has from its beginning, complete and in a row. */
    private Mono<List<Mark>> found(BlockDevice target) {
        return Mono.just(new Mark(0, 0, false))
                .expand(before -> before.last() ? Mono.empty() : next(target, before))
                .skip(1)
                .collectList();
    }

    private Mono<Mark> next(BlockDevice target, Mark before) {
        return read(target, before.sector(), BackupPiece.BLOCK_BYTES)
                .flatMap(block -> Mono.justOrEmpty(BackupPiece.of(Unpooled.wrappedBuffer(block))))
                .flatMap(piece -> read(target, before.sector(), piece.bytes())
                        .publishOn(Schedulers.boundedElastic())
                        .filter(all -> piece.isWhole(all, before.sum()))
                        .map(all ->
                                new Mark(before.sector() + piece.bytes() / SECTOR_BYTES, piece.sum(), piece.last())));
    }

    /** Reads a target; gives nothing beyond its end, and nothing if it fails. */
    private Mono<byte[]> read(BlockDevice target, long first, int bytes) {
        IoRegion region = new IoRegion(target, first, bytes / SECTOR_BYTES);
        if (region.end() > target.info().sectorCount()) {
            return Mono.empty();
        }
        byte[] into = new byte[bytes];
        return io.read(region, VmBuffer.of(into))
                .doOnNext(bits -> note(List.of(region), bits))
                .filter(ErrorBits::isClear)
                .map(clear -> into);
    }

    private Long skip(InputStream content, List<List<Mark>> found) {
        List<List<Mark>> left = IntStream.range(0, targets.size())
                .filter(target -> !failed.containsKey(target))
                .mapToObj(found::get)
                .toList();
        int most = left.stream().mapToInt(List::size).min().orElse(0);
        while (pieces < most
                && left.stream()
                                .map(marks -> marks.get((int) pieces))
                                .distinct()
                                .count()
                        == 1) {
            Mark mark = left.get(0).get((int) pieces);
            try {
                sum = BackupPiece.sum(sum, content.readNBytes(BackupPiece.CONTENT_BYTES_MAX));
            } catch (IOException unreadable) {
                throw new UncheckedIOException(unreadable);
            }
            if (sum != mark.sum()) {
                throw new IllegalStateException("piece " + pieces + " is not what the targets have: begin anew");
            }
            sector = mark.sector();
            ended = mark.last();
            pieces++;
        }
        return pieces;
    }
}
