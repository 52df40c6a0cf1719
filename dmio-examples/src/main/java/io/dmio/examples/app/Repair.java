package io.dmio.examples.app;

import io.dmio.BlockDevice;
import io.dmio.DmIo;
import io.dmio.ErrorBits;
import io.dmio.IoRegion;
import io.dmio.Sectors;
import io.dmio.VmBuffer;
import io.dmio.examples.app.FailedRanges.Range;
import java.util.List;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Copies ranges from a good leg to one that missed them; nothing else is touched.
 *
 * @param client reads and writes within its budget
 * @param good where from
 * @param failed where to
 */
record Repair(DmIo client, BlockDevice good, BlockDevice failed) {

    private static final int PIECE_SECTORS_MAX = (256 << 10) / Sectors.BYTES;
    private static final int IN_FLIGHT_MAX = 4;

    /**
     * Runs the repair.
     *
     * @param ranges whole blocks of both legs
     * @return bit 0 if a piece could not be read or written
     */
    Mono<ErrorBits> run(List<Range> ranges) {
        return Flux.fromIterable(ranges)
                .concatMap(Repair::pieces)
                .flatMap(this::copy, IN_FLIGHT_MAX)
                .reduce(ErrorBits.NONE, ErrorBits::or);
    }

    private static Flux<Range> pieces(Range range) {
        long pieces = (range.count() + PIECE_SECTORS_MAX - 1) / PIECE_SECTORS_MAX;
        return Flux.range(0, (int) pieces).map(i -> {
            long from = (long) i * PIECE_SECTORS_MAX;
            return new Range(range.sector() + from, Math.min(PIECE_SECTORS_MAX, range.count() - from));
        });
    }

    private Mono<ErrorBits> copy(Range piece) {
        int bytes = (int) Sectors.toBytes(piece.count());
        return Mono.using(
                () -> VmBuffer.allocate(bytes),
                memory -> client.read(new IoRegion(good, piece.sector(), piece.count()), memory)
                        .flatMap(unread -> unread.isClear()
                                ? client.write(List.of(new IoRegion(failed, piece.sector(), piece.count())), memory)
                                : Mono.just(unread)),
                VmBuffer::release);
    }
}
