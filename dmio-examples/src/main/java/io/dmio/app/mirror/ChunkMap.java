package io.dmio.app.mirror;

import io.dmio.Sectors;
import io.dmio.mirror.ChunkRun;
import io.dmio.mirror.MirrorDevice;
import io.dmio.mirror.MirrorStatus;
import io.dmio.mirror.ScrubReport;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * The chunks of a mirror by their states, as a picture of at most {@value #CELLS_MAX} cells: runs of equal cells, each a count and a state.
 * The state is {@link ChunkRun#status}, with {@value #MISMATCH} added if legs differed in the last scrub; a cell that stands for several
 * chunks has the bits of all of them.
 */
final class ChunkMap {

    static final int CELLS_MAX = 1 << 16;
    private static final int MISMATCH = 4;
    private static final Duration FRESH = Duration.ofMillis(500); // however many look

    private final MirrorDevice mirror;
    private final Mono<Map<String, Object>> json;

    ChunkMap(MirrorDevice mirror) {
        this.mirror = mirror;
        this.json = mirror.status()
                .flatMap(status -> runs(status.sectorCount()).collectList().map(runs -> new Picture(status).of(runs)))
                .cache(FRESH);
    }

    Mono<Map<String, Object>> json() {
        return json;
    }

    private Flux<ChunkRun> runs(long sectors) {
        return mirror.chunks(0, sectors)
                .expand(runs -> {
                    ChunkRun last = runs.get(runs.size() - 1);
                    long next = last.sector() + last.sectorCount();
                    return next < sectors ? mirror.chunks(next, sectors - next) : Mono.empty();
                })
                .concatMapIterable(Function.identity());
    }

    /** The cells, and what is in them. */
    private static final class Picture {
        private final MirrorStatus status;
        private final long chunksPerCell;
        private final int[] cells;

        Picture(MirrorStatus status) {
            this.status = status;
            this.chunksPerCell = Math.max(1, (status.chunks() + CELLS_MAX - 1) / CELLS_MAX);
            this.cells = new int[(int) ((status.chunks() + chunksPerCell - 1) / chunksPerCell)];
        }

        Map<String, Object> of(List<ChunkRun> runs) {
            runs.forEach(run -> add(run.sector(), run.sectorCount(), run.status()));
            status.lastScrub()
                    .filter(report -> report.sectorsDifferent() > report.sectorsRepaired())
                    .map(ScrubReport::mismatches)
                    .ifPresent(all -> all.forEach(range -> add(range.sector(), range.sectorCount(), MISMATCH)));
            Map<String, Object> json = new LinkedHashMap<>();
            json.put("chunks", status.chunks());
            json.put("chunkBytes", Sectors.toBytes(status.chunkSectors()));
            json.put("chunksPerCell", chunksPerCell);
            json.put("runs", encoded());
            return json;
        }

        private void add(long sector, long count, int state) {
            int from = cell(sector);
            int to = cell(sector + count - 1);
            for (int cell = from; cell <= to; cell++) {
                cells[cell] |= state;
            }
        }

        private int cell(long sector) {
            return (int) (sector / status.chunkSectors() / chunksPerCell);
        }

        private List<Long> encoded() {
            List<Long> runs = new ArrayList<>();
            for (int from = 0, to; from < cells.length; from = to) {
                for (to = from + 1; to < cells.length && cells[to] == cells[from]; to++) {}
                runs.add((long) to - from);
                runs.add(Integer.toUnsignedLong(cells[from]));
            }
            return runs;
        }
    }
}
