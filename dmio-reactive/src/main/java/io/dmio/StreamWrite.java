package io.dmio;

import io.dmio.concurrent.Ending;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import reactor.core.Exceptions;
import reactor.core.publisher.Mono;

/**
 * Writes a stream of buffers to several regions: cuts it into parts that fit the budget, fans each one out, and asks upstream for the next
 * buffer only when a page is free.
 */
final class StreamWrite {

    private static final int PARTS_IN_FLIGHT_MAX = 64;

    private final PageBudget budget;
    private final int transferBytesMax;
    private final List<IoRegion> regions;
    private final StreamOptions options;
    private final int[] blocks; // bytes of a block, by region: a device that broke is not asked again
    private final int blockBytes;
    private final long regionBytesMax; // of the regions that are written to
    private final ErrorBits refused; // whole, as by any write: nothing is transferred

    StreamWrite(PageBudget budget, int transferBytesMax, List<IoRegion> regions, StreamOptions options) {
        if (regions.size() > ErrorBits.REGIONS_MAX) {
            throw new IllegalArgumentException(
                    regions.size() + " regions: one request takes at most 64, one for each error bit");
        }
        this.budget = budget;
        this.transferBytesMax = transferBytesMax;
        this.regions = List.copyOf(regions);
        this.options = Objects.requireNonNull(options, "options");
        this.blocks = new int[this.regions.size()];
        int block = Sectors.BYTES;
        long longest = 0;
        ErrorBits not = ErrorBits.NONE;
        for (int i = 0; i < this.regions.size(); i++) {
            IoRegion region = this.regions.get(i);
            blocks[i] = region.device().info().logicalBlockBytes();
            block = Math.max(block, blocks[i]);
            var refusal = RequestLeg.refusal(BlockOp.Kind.WRITE, region);
            if (refusal.isPresent()) {
                not = not.or(ErrorBits.of(i, refusal.get()));
            } else {
                longest = Math.max(longest, region.bytes());
            }
        }
        this.blockBytes = block;
        this.regionBytesMax = longest;
        this.refused = not;
    }

    Mono<ErrorBits> run(Publisher<? extends ByteBuf> buffers) {
        return Mono.defer(() -> {
            budget.checkOpen();
            Ending ending = new Ending();
            return Mono.using(
                    () -> new Recut(partBytes(), blockBytes, regionBytesMax),
                    recut -> new StreamParts(budget, recut, ending, options.padLastBlock())
                            .of(buffers)
                            .flatMap(part -> write(recut, part).onErrorResume(ending::failed), PARTS_IN_FLIGHT_MAX, 1)
                            .reduce(refused, ErrorBits::or)
                            .flatMap(failed -> Mono.defer(() -> outcome(failed, recut.given(), ending.failure()))),
                    Recut::close);
        });
    }

    // A quarter of the budget each, so that parts overlap even in a small one.
    private int partBytes() {
        long quarter = (long) budget.capacity() * Sectors.PAGE_BYTES / 4;
        long bytes = Math.min(transferBytesMax, quarter) / blockBytes * blockBytes;
        return (int) Math.max(bytes, blockBytes);
    }

    private Mono<ErrorBits> write(Recut recut, Recut.Part part) {
        return Mono.using(
                () -> recut.claim(part), // not if a cancel released it meanwhile
                claimed -> claimed ? write(part) : Mono.empty(),
                claimed -> {
                    if (claimed) {
                        part.release();
                    }
                });
    }

    private Mono<ErrorBits> write(Recut.Part part) {
        List<IoRegion> shares = new ArrayList<>(regions.size());
        long longest = 0;
        for (int i = 0; i < regions.size(); i++) {
            IoRegion region = regions.get(i);
            long from = Math.min(part.from(), region.bytes());
            long taken = refused.failed(i) ? 0 : end(part, i) - from;
            shares.add(region.slice(from / Sectors.BYTES, taken / Sectors.BYTES));
            longest = Math.max(longest, taken);
        }
        return longest == 0
                ? Mono.just(ErrorBits.NONE)
                : new Dispatch(
                        IoRequest.write(shares, VmBuffer.of(part.bytes()), options.write()),
                        budget,
                        transferBytesMax,
                        true);
    }

    // The stream may end inside a block. How far the block is filled
    // up depends on the region's own device, not on the others.
    private long end(Recut.Part part, int region) {
        long end = part.from() + part.length();
        long bytes = regions.get(region).bytes();
        int odd = oddBytes(end, region);
        if (odd > 0 && end < bytes) {
            end += part.padding() > 0 ? blocks[region] - odd : -odd;
        }
        return Math.min(end, bytes);
    }

    private Mono<ErrorBits> outcome(ErrorBits failed, long given, @Nullable Throwable failure) {
        Throwable thrown = failure != null || options.padLastBlock() ? failure : endsInsideABlock(given);
        if (thrown != null) {
            return Mono.error(withCauses(thrown, failed));
        }
        ErrorBits all = failed;
        for (int i = 0; i < regions.size(); i++) {
            IoRegion region = regions.get(i);
            if (region.count() > 0 && region.bytes() < given) {
                all = all.or(ErrorBits.of(i, tooLong(region)));
            }
        }
        return Mono.just(all);
    }

    private @Nullable Throwable endsInsideABlock(long given) {
        for (int i = 0; i < regions.size(); i++) {
            int odd = oddBytes(given, i);
            if (!refused.failed(i) && odd > 0 && given < regions.get(i).bytes()) {
                return new IllegalArgumentException("the stream ended " + odd + " bytes into a block of "
                        + blocks[i] + ": its whole blocks were written, the rest was not"
                        + " (StreamOptions.withPadding fills it up with zeroes)");
            }
        }
        return null;
    }

    // The error of the stream carries the errors of the regions, too.
    private static Throwable withCauses(Throwable failure, ErrorBits failed) {
        Throwable told = failure;
        if (failure.getSuppressed().length < ErrorBits.REGIONS_MAX) { // one exception may serve many runs
            for (int i : failed.failedRegions().toArray()) {
                told = failed.cause(i).isPresent()
                        ? Exceptions.addSuppressed(told, failed.cause(i).get())
                        : told;
            }
        }
        return told;
    }

    private static DeviceException tooLong(IoRegion region) {
        String name = region.device().info().name();
        String detail = "the stream is longer than the region; what fits was written";
        return DeviceException.of(Errno.ENOSPC, name, BlockOp.Kind.WRITE, region.sector(), region.count(), detail);
    }

    private int oddBytes(long bytes, int region) {
        return (int) (bytes & (blocks[region] - 1));
    }
}
