package io.dmio.copy;

import io.dmio.BlockOp;
import io.dmio.DeviceException;
import io.dmio.ErrorBits;
import io.dmio.IoRegion;
import io.dmio.Sectors;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What is to be copied, checked when it is asked for.
 *
 * @param from the source; empty if the destinations are to be zeroed
 * @param to 1 to 64, of the source's length
 * @param options how to copy
 */
record CopyPlan(Optional<IoRegion> from, List<IoRegion> to, CopyOptions options) {

    CopyPlan {
        Objects.requireNonNull(options, "options");
        to = List.copyOf(to);
        if (to.isEmpty() || to.size() > ErrorBits.REGIONS_MAX) {
            throw new IllegalArgumentException(to.size() + " destinations: at least 1 and at most 64");
        }
        long count = from.orElse(to.get(0)).count();
        for (int i = 0; i < to.size(); i++) {
            IoRegion destination = to.get(i);
            if (destination.count() != count) {
                throw new IllegalArgumentException("destination " + i + " has " + destination.count() + " sectors, not "
                        + count + ": all lengths must match; IoRegion.slice cuts one");
            }
            refuseOverlaps(from, to, i, options);
        }
    }

    private static void refuseOverlaps(Optional<IoRegion> from, List<IoRegion> to, int index, CopyOptions options) {
        IoRegion destination = to.get(index);
        for (int other = 0; other < index; other++) {
            if (overlap(destination, to.get(other))) {
                throw new IllegalArgumentException("destinations " + other + " and " + index + " overlap");
            }
        }
        if (from.isPresent() && overlap(from.get(), destination) && !isSafe(from.get(), destination, options)) {
            throw new IllegalArgumentException("destination " + index + " overlaps the source: safe only if it starts"
                    + " before the source, is written ascending, and zeroes are not skipped");
        }
    }

    @SuppressWarnings("ReferenceEquality") // the very device: equal ones have sectors of their own
    private static boolean overlap(IoRegion one, IoRegion two) {
        return one.device() == two.device() && one.sector() < two.end() && two.sector() < one.end();
    }

    // Written ascending, a piece that moves down covers only source
    // sectors of itself and of pieces before it, all of them read.
    private static boolean isSafe(IoRegion from, IoRegion to, CopyOptions options) {
        return options.ascending() && to.sector() < from.sector() && options.sparse() != CopyOptions.Sparse.SKIP;
    }

    long sectorCount() {
        return to.get(0).count();
    }

    /** Returns why the source cannot be read as a whole, if its device's description shows that. */
    Optional<DeviceException> sourceRefusal() {
        return from.flatMap(region -> refusal(region, BlockOp.Kind.READ));
    }

    /** Returns how many of the source's sectors can be read, from its start on in whole blocks, as far as the description tells. */
    long readableSectors() {
        if (sourceRefusal().isEmpty()) {
            return sectorCount();
        }
        IoRegion source = from.orElseThrow();
        long sectorsLeft = source.device().info().sectorCount() - source.sector();
        long blockSectors = blockBytes() / Sectors.BYTES;
        long whole = Math.max(0, Math.min(sectorsLeft, source.count())) / blockSectors * blockSectors;
        return refusal(source.slice(0, whole), BlockOp.Kind.READ).isEmpty() ? whole : 0;
    }

    static Optional<DeviceException> refusal(IoRegion region, BlockOp.Kind kind) {
        return region.device().info().refusal(kind, region.sector(), region.count());
    }

    /** Returns the length of the smallest part that suits every device. */
    int blockBytes() {
        return Stream.concat(from.stream(), to.stream())
                .mapToInt(region -> region.device().info().logicalBlockBytes())
                .max()
                .orElse(Sectors.BYTES);
    }
}
