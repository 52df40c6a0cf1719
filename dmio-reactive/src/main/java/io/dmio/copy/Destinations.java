package io.dmio.copy;

import io.dmio.BlockDevice;
import io.dmio.BlockOp;
import io.dmio.DeviceFallback;
import io.dmio.DmIo;
import io.dmio.ErrorBits;
import io.dmio.IoMemory;
import io.dmio.IoRegion;
import io.dmio.Sectors;
import io.dmio.VmBuffer;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * The destinations of a copy: writes and zeroes a range of every destination that takes writes at all. One that does not (read-only,
 * misaligned, beyond its device's end) is refused once and then left alone, as a region without sectors, so that bits keep their places.
 */
final class Destinations {

    private final DmIo io;
    private final boolean ascending;
    private final List<IoRegion> regions;
    private final ErrorBits refused;

    Destinations(DmIo io, CopyPlan plan) {
        this.io = io;
        this.ascending = plan.options().ascending();
        this.regions = new ArrayList<>(plan.to());
        ErrorBits bits = ErrorBits.NONE;
        for (int i = 0; i < regions.size(); i++) {
            var refusal = CopyPlan.refusal(regions.get(i), BlockOp.Kind.WRITE);
            if (refusal.isPresent()) {
                bits = bits.or(ErrorBits.of(i, refusal.get()));
                regions.set(i, nothingOf(regions.get(i)));
            }
        }
        this.refused = bits;
    }

    ErrorBits refused() {
        return refused;
    }

    boolean allRefused() {
        return refused.count() == regions.size();
    }

    /** Writes the memory's first bytes. The error bits are those of all destinations that lack the bytes, refused ones included. */
    Mono<ErrorBits> write(SectorRange range, IoMemory from) {
        return write(slices(range), from).map(refused::or);
    }

    /** Zeroes by write-zeroes, or by writing zeroes if a device cannot. If that fails there is no other try. Bits as of {@link #write}. */
    Mono<ErrorBits> zero(SectorRange range) {
        List<IoRegion> able = slices(range).stream().map(this::zeroable).toList();
        return io.writeZeroes(able).map(refused::or);
    }

    /** As {@link #zero}, but a device that promises zeroes after a discard is asked for a discard, and may give the space back. */
    Mono<ErrorBits> punch(SectorRange range) {
        List<IoRegion> able = slices(range).stream().map(this::zeroable).toList();
        return io.discard(able).map(refused::or);
    }

    private IoRegion zeroable(IoRegion region) {
        BlockDevice device = region.device();
        return new IoRegion(
                ascending ? DeviceFallback.inOrder(device) : DeviceFallback.of(device),
                region.sector(),
                region.count());
    }

    private static IoRegion nothingOf(IoRegion region) {
        return new IoRegion(region.device(), region.sector(), 0);
    }

    private List<IoRegion> slices(SectorRange range) {
        return regions.stream()
                .map(region -> region.count() > 0 ? region.slice(range.sector(), range.count()) : region)
                .toList();
    }

    private Mono<ErrorBits> write(List<IoRegion> slices, IoMemory from) {
        if (!ascending) {
            return io.write(slices, from);
        }
        return Flux.range(0, slices.size())
                .flatMap(i -> writeInOrder(slices.get(i), from).map(bits -> at(i, bits)), ErrorBits.REGIONS_MAX)
                .reduce(ErrorBits.NONE, ErrorBits::or);
    }

    // The client would submit the transfers of a long write side by side.
    private Mono<ErrorBits> writeInOrder(IoRegion slice, IoMemory from) {
        int transferBytes = slice.device().info().transferBytesMax();
        int transfers = (int) ((slice.bytes() + transferBytes - 1) / transferBytes);
        return Flux.range(0, transfers)
                .concatMap(
                        i -> {
                            long start = (long) i * transferBytes;
                            int bytes = (int) Math.min(transferBytes, slice.bytes() - start);
                            IoRegion part = slice.slice(start / Sectors.BYTES, bytes / Sectors.BYTES);
                            return borrowing(from, start, bytes, view -> io.write(List.of(part), view));
                        },
                        0)
                .reduce(ErrorBits.NONE, ErrorBits::or);
    }

    /** Does something with a part of the memory. */
    static <T> Mono<T> borrowing(IoMemory memory, long from, int bytes, Function<IoMemory, Mono<T>> act) {
        return Mono.using(
                () -> memory.retainedView(from, bytes), view -> act.apply(VmBuffer.of(view)), ByteBuf::release);
    }

    private static ErrorBits at(int index, ErrorBits ofOne) {
        return ofOne.cause(0).map(cause -> ErrorBits.of(index, cause)).orElse(ErrorBits.NONE);
    }
}
