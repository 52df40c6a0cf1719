package io.dmio;

import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * A stream of buffers written to several regions: re-cut into parts that fit the budget, each fanned out, asking upstream
 * for the next buffer only when a page is free.
 */
final class StreamWrite {

    private static final int PARTS_IN_FLIGHT_MAX = 64;

    private final PageBudget budget;
    private final int transferBytesMax;
    private final List<IoRegion> regions;
    private final StreamOptions options;
    private final int blockBytes;
    private final long regionBytesMax;

    StreamWrite(PageBudget budget, int transferBytesMax, List<IoRegion> regions, StreamOptions options) {
        if (regions.size() > ErrorBits.REGIONS_MAX) {
            throw new IllegalArgumentException(
                    regions.size() + " regions: one request takes at most 64, one for each error bit");
        }
        this.budget = budget;
        this.transferBytesMax = transferBytesMax;
        this.regions = List.copyOf(regions);
        this.options = options;
        int block = Sectors.BYTES;
        long longest = 0;
        for (IoRegion region : regions) {
            block = Math.max(block, region.device().info().logicalBlockBytes());
            longest = Math.max(longest, region.bytes());
        }
        this.blockBytes = block;
        this.regionBytesMax = longest;
    }

    Mono<ErrorBits> run(Publisher<? extends ByteBuf> buffers) {
        return Mono.defer(() -> {
            budget.checkOpen();
            AtomicBoolean broken = new AtomicBoolean(); // closed or misused: no use to go on asking the source
            return Flux.using(() -> new Recut(partBytes()), recut -> parts(recut, buffers), Recut::close)
                    .takeUntil(part -> part.end() > regionBytesMax || broken.get())
                    .concatMapDelayError(part -> Flux.just(part).concatWith(budget.turn()), true, 0)
                    .flatMapDelayError(
                            part -> write(part).doOnError(thrown -> broken.set(true)), PARTS_IN_FLIGHT_MAX, 1)
                    .reduce(ErrorBits.NONE, ErrorBits::or)
                    .doOnDiscard(Recut.Part.class, Recut.Part::release)
                    .doOnDiscard(Cut.class, Cut::release);
        });
    }

    // A quarter of the budget each, so that parts overlap even in a small one.
    private int partBytes() {
        long quarter = (long) budget.capacity() * Sectors.PAGE_BYTES / 4;
        long bytes = Math.min(transferBytesMax, quarter) / blockBytes * blockBytes;
        return (int) Math.max(bytes, blockBytes);
    }

    private Flux<Recut.Part> parts(Recut recut, Publisher<? extends ByteBuf> buffers) {
        return Flux.<ByteBuf>from(buffers)
                .map(buffer -> new Cut(recut.add(buffer)))
                .concatMapIterable(Cut::parts, 1)
                .concatWith(Flux.defer(() -> last(recut)));
    }

    private Flux<Recut.Part> last(Recut recut) {
        int odd = recut.oddBytes(blockBytes);
        if (odd == 0 || options.padLastBlock()) {
            return Flux.fromIterable(recut.last(blockBytes));
        }
        return Flux.fromIterable(recut.lastWhole(blockBytes))
                .concatWith(Flux.error(new IllegalArgumentException("the stream ended " + odd
                        + " bytes into a block of "
                        + blockBytes + ": its whole blocks were written, the rest was not (StreamOptions.withPadding"
                        + " fills it up with zeroes)")));
    }

    private Mono<ErrorBits> write(Recut.Part part) {
        ErrorBits beyond = ErrorBits.NONE;
        List<IoRegion> shares = new ArrayList<>(regions.size());
        for (int i = 0; i < regions.size(); i++) {
            IoRegion region = regions.get(i);
            long from = Math.min(part.from() / Sectors.BYTES, region.count());
            long wanted = part.bytes().capacity() / Sectors.BYTES;
            long taken = Math.min(wanted, region.count() - from);
            shares.add(region.slice(from, taken));
            if (taken < wanted && region.count() > 0) {
                beyond = beyond.or(ErrorBits.of(i, tooLong(region)));
            }
        }
        IoRequest request = IoRequest.write(shares, VmBuffer.of(part.bytes()), options.write());
        return new Dispatch(request, budget, transferBytesMax, true)
                .map(beyond::or)
                .doFinally(end -> part.release());
    }

    private static DeviceException tooLong(IoRegion region) {
        String name = region.device().info().name();
        String detail = "the stream is longer than the region; what fits was written";
        return DeviceException.of(Errno.ENOSPC, name, BlockOp.Kind.WRITE, region.sector(), region.count(), detail);
    }

    /**
     * What became of one buffer. Cut as it comes, so that no buffer of the source's waits in a queue here: a discard hook for
     * buffers would reach up into the source and release what that releases itself.
     */
    private record Cut(List<Recut.Part> parts) {
        void release() {
            parts.forEach(Recut.Part::release);
        }
    }
}
