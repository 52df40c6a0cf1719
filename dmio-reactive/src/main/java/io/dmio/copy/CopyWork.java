package io.dmio.copy;

import io.dmio.DmIo;
import io.dmio.ErrorBits;
import io.dmio.IoMemory;
import io.dmio.IoRegion;
import io.dmio.Sectors;
import io.dmio.VmBuffer;
import java.util.List;
import java.util.function.Function;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Reads a piece of the source and writes what could be read to all destinations (run_io_job and complete_io, dm-kcopyd.c). */
final class CopyWork implements PieceWork {

    private static final int RANGES_IN_FLIGHT_MAX = 16;

    private final CopyRun run;
    private final DmIo io;
    private final IoRegion from;
    private final Destinations to;
    private final CopyOptions options;
    private final int stepBytes; // a bad piece is read again in parts down to this: whole blocks of every device

    CopyWork(CopyRun run, DmIo io, IoRegion from, Destinations to) {
        this.run = run;
        this.io = io;
        this.from = from;
        this.to = to;
        this.options = run.plan().options();
        this.stepBytes = run.plan().blockBytes();
    }

    @Override
    public int pages(CopyPiece piece) {
        return piece.hole() ? 1 : (int) Sectors.pagesOf(piece.range().bytes());
    }

    @Override
    public Mono<Void> run(CopyPiece piece, Mono<Void> turn) {
        SectorRange range = piece.range();
        return piece.hole()
                ? turn.then(zero(range))
                : Mono.using(
                        () -> VmBuffer.allocate((int) range.bytes()),
                        memory -> new Loaded(range, memory).copy(turn),
                        IoMemory::release);
    }

    private Mono<Void> zero(SectorRange range) {
        boolean skip = options.sparse() == CopyOptions.Sparse.SKIP;
        return run.unlessHalted(() -> skip ? Mono.just(to.refused()) : to.punch(range))
                .doOnNext(bits -> run.leftZero(range, bits))
                .then();
    }

    /** A piece with its memory. */
    private final class Loaded {

        private final SectorRange piece;
        private final VmBuffer memory;

        Loaded(SectorRange piece, VmBuffer memory) {
            this.piece = piece;
            this.memory = memory;
        }

        Mono<Void> copy(Mono<Void> turn) {
            return read(piece).collectList().flatMap(good -> turn.then(write(good)));
        }

        /** Reads a range, and emits the parts of it that could be read. */
        private Flux<SectorRange> read(SectorRange part) {
            return run.unlessHalted(() ->
                            borrowing(part, into -> io.read(from.slice(part.sector(), part.count()), into)))
                    .flatMapMany(bits -> bits.isClear() ? Flux.just(part) : again(part, bits));
        }

        // One bad block must not cost its whole piece: halves are read again, in order, down to the step.
        private Flux<SectorRange> again(SectorRange part, ErrorBits bits) {
            long step = stepBytes / Sectors.BYTES;
            if (!options.goOnAfterError() || part.count() <= step) {
                run.unread(part, bits);
                return Flux.empty();
            }
            SectorRange head = part.head(step);
            return Flux.concat(read(head), Flux.defer(() -> read(part.after(head))));
        }

        private Mono<Void> write(List<SectorRange> good) {
            return Flux.fromIterable(good)
                    .concatMapIterable(this::parts)
                    .flatMap(this::write, options.ascending() ? 1 : RANGES_IN_FLIGHT_MAX)
                    .then();
        }

        private List<Zeroes.Found> parts(SectorRange part) {
            if (options.sparse() == CopyOptions.Sparse.NONE) {
                return List.of(new Zeroes.Found(part, false));
            }
            var bytes = memory.retainedView(offset(part), (int) part.bytes());
            try {
                return Zeroes.split(part, bytes, Math.max(stepBytes, Sectors.PAGE_BYTES));
            } finally {
                bytes.release();
            }
        }

        private Mono<Void> write(Zeroes.Found found) {
            SectorRange part = found.range();
            if (!found.zero()) {
                return run.unlessHalted(() -> borrowing(part, bytes -> to.write(part, bytes)))
                        .doOnNext(bits -> run.wrote(part, bits))
                        .then();
            }
            return zero(part);
        }

        private <T> Mono<T> borrowing(SectorRange part, Function<IoMemory, Mono<T>> act) {
            return Destinations.borrowing(memory, offset(part), (int) part.bytes(), act);
        }

        private long offset(SectorRange part) {
            return Sectors.toBytes(part.sector() - piece.sector());
        }
    }
}
