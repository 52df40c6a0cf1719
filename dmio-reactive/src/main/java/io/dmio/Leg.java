package io.dmio;

import io.netty.buffer.ByteBuf;
import java.util.Optional;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * One region's side of a request. Every failure becomes this region's {@link ErrorBits} before it can meet the siblings: an
 * error signal in the merge would cancel legs whose bytes the kernel still reads.
 *
 * @param index the region's place in the request, its error bit
 * @param region where
 * @param info the device's promises, asked once
 */
record Leg(int index, IoRegion region, DeviceInfo info) {

    private static final int PIECES_IN_FLIGHT_MAX = 64;

    Leg(int index, IoRegion region) {
        this(index, region, region.device().info());
    }

    /** What can be refused without touching the device. */
    Optional<DeviceException> refusal(IoRequest request) {
        BlockOp.Kind kind = request.kind();
        WriteOptions options = request.options();
        if ((options.preflush() || (options.fua() && !info.can(Capability.FUA))) && !info.can(Capability.FLUSH)) {
            String detail = "cannot make writes durable: the device has neither flush nor force unit access";
            return Optional.of(
                    DeviceException.of(Errno.EOPNOTSUPP, info.name(), kind, region.sector(), region.count(), detail));
        }
        boolean flushOnly = kind == BlockOp.Kind.FLUSH || region.count() == 0; // the latter reached by a preflush
        return flushOnly ? info.refusal(BlockOp.Kind.FLUSH, 0, 0) : info.refusal(kind, region.sector(), region.count());
    }

    ErrorBits failed(DeviceException cause) {
        return ErrorBits.of(index, cause);
    }

    Mono<ErrorBits> flush() {
        return submit(new BlockOp.Flush());
    }

    Mono<ErrorBits> discard() {
        return submit(new BlockOp.Discard(region.sector(), region.count()));
    }

    Mono<ErrorBits> writeZeroes() {
        return submit(new BlockOp.WriteZeroes(region.sector(), region.count()));
    }

    /** Reads or writes this leg's share of a span, in as many pieces as the device's transfer limit asks for. */
    Mono<ErrorBits> transfer(Span span) {
        long share = Math.min(region.bytes() - span.from(), span.bytes());
        int pieceBytes = info.transferBytesMax();
        if (share <= pieceBytes) {
            return piece(span, span.from(), (int) share);
        }
        int pieces = (int) ((share + pieceBytes - 1) / pieceBytes);
        return Flux.range(0, pieces)
                .flatMap(
                        i -> {
                            long done = (long) i * pieceBytes;
                            return piece(span, span.from() + done, (int) Math.min(pieceBytes, share - done));
                        },
                        PIECES_IN_FLIGHT_MAX)
                .reduce(ErrorBits.NONE, ErrorBits::or);
    }

    private Mono<ErrorBits> piece(Span span, long from, int bytes) {
        ByteBuf view = span.retainedView(from, bytes);
        long sector = region.sector() + from / Sectors.BYTES;
        Mono<ErrorBits> ended = span.reads() ? read(sector, view, bytes) : write(sector, view, span.fua());
        return ended.doOnTerminate(view::release);
    }

    private Mono<ErrorBits> read(long sector, ByteBuf into, int bytes) {
        return submit(new BlockOp.Read(sector, into)).doOnNext(bits -> {
            if (!bits.isClear()) {
                Bytes.zero(into, 0, bytes); // never stale bytes: dm-io.c zeroes a failed bio, too
            }
        });
    }

    private Mono<ErrorBits> write(long sector, ByteBuf from, boolean fua) {
        if (!fua || info.can(Capability.FUA)) {
            return submit(new BlockOp.Write(sector, from, fua));
        }
        return submit(new BlockOp.Write(sector, from, false))
                .flatMap(bits -> bits.isClear() ? flush() : Mono.just(bits));
    }

    private Mono<ErrorBits> submit(BlockOp op) {
        return Mono.defer(() -> region.device().submit(op))
                .thenReturn(ErrorBits.NONE)
                .onErrorResume(thrown -> Mono.just(failed(DeviceException.wrap(info.name(), op, thrown))));
    }
}
