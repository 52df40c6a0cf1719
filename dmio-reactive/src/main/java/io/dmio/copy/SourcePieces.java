package io.dmio.copy;

import io.dmio.DeviceCall;
import io.dmio.DeviceException;
import io.dmio.Extent;
import io.dmio.IoRegion;
import io.dmio.Sectors;
import java.util.ArrayList;
import java.util.List;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Cuts a copy into pieces, ascending. Unless zeroes are written like other bytes, the source is asked for its holes, a stretch at a time;
 * these become pieces of their own that need not be read. So a copy of a large file with little in it takes only as long as that little
 * takes. A source that does not know its holes, or fails to tell them, is read.
 */
final class SourcePieces {

    private static final long STRETCH_SECTORS = (1L << 30) / Sectors.BYTES;
    private static final long PUNCHED_SECTORS_MAX = (16 << 20) / Sectors.BYTES; // at a time, as it may be written

    private final CopyPlan plan;
    private final long pieceSectors;
    private final long blockSectors;
    private final long stretchSectors; // whole pieces
    private final long holeSectorsMin;
    private final long holeSectorsMax;

    /** Creates the pieces of a copy: data in pieces of this length, holes in pieces of any length. */
    SourcePieces(CopyPlan plan, long pieceSectors) {
        this.plan = plan;
        this.pieceSectors = pieceSectors;
        this.blockSectors = plan.blockBytes() / Sectors.BYTES;
        this.stretchSectors = (STRETCH_SECTORS / pieceSectors + 1) * pieceSectors;
        this.holeSectorsMin = Math.max(blockSectors, Sectors.PAGE_BYTES / Sectors.BYTES);
        this.holeSectorsMax =
                plan.options().sparse() == CopyOptions.Sparse.SKIP ? STRETCH_SECTORS : PUNCHED_SECTORS_MAX;
    }

    /** A stretch of the source, up to where the device told, and the pieces it was cut into. */
    private record Stretch(long end, List<CopyPiece> pieces) {}

    Flux<CopyPiece> all() {
        long count = plan.readableSectors();
        if (plan.options().sparse() == CopyOptions.Sparse.NONE || plan.from().isEmpty() || count == 0) {
            return Sectors.steps(count, pieceSectors)
                    .map(at -> new CopyPiece(new SectorRange(at, Math.min(pieceSectors, count - at)), false));
        }
        IoRegion from = plan.from().get();
        return stretch(from, 0, count)
                .expand(last -> last.end < count ? stretch(from, last.end, count) : Mono.empty())
                .concatMapIterable(Stretch::pieces, 1);
    }

    private Mono<Stretch> stretch(IoRegion from, long at, long count) {
        SectorRange asked = new SectorRange(at, Math.min(stretchSectors, count - at));
        return DeviceCall.extents(from.device(), from.sector() + at, asked.count())
                .onErrorReturn(DeviceException.class, List.of())
                .defaultIfEmpty(List.of())
                .map(extents -> cut(asked, from.sector(), extents));
    }

    private Stretch cut(SectorRange asked, long sourceSector, List<Extent> extents) {
        long told = extents.isEmpty()
                ? asked.end()
                : Math.min(asked.end(), end(extents.get(extents.size() - 1)) - sourceSector);
        long end = told == asked.end() ? told : told / blockSectors * blockSectors;
        if (end <= asked.sector()) {
            end = asked.end(); // less than a block: as if it had told nothing
            extents = List.of();
        }
        List<CopyPiece> pieces = new ArrayList<>();
        long at = asked.sector();
        for (Extent extent : extents) {
            long first = up(Math.max(extent.sector() - sourceSector, at));
            long last = Math.min(end(extent) - sourceSector, end) / blockSectors * blockSectors;
            if (extent.kind() != Extent.Kind.DATA && last - first >= holeSectorsMin) {
                add(pieces, new SectorRange(at, first - at), false);
                add(pieces, new SectorRange(first, last - first), true);
                at = last;
            }
        }
        add(pieces, new SectorRange(at, end - at), false);
        return new Stretch(end, pieces);
    }

    private static long end(Extent extent) {
        return extent.sector() + extent.sectorCount();
    }

    private long up(long sector) {
        return (sector + blockSectors - 1) / blockSectors * blockSectors;
    }

    private void add(List<CopyPiece> pieces, SectorRange range, boolean hole) {
        long most = hole ? holeSectorsMax : pieceSectors;
        for (long at = range.sector(); at < range.end(); at += most) {
            pieces.add(new CopyPiece(new SectorRange(at, Math.min(most, range.end() - at)), hole));
        }
    }
}
