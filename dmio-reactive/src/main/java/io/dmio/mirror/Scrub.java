package io.dmio.mirror;

import io.dmio.Sectors;
import io.dmio.concurrent.RangeLock;
import io.dmio.mirror.MirrorEvent.Kind;
import io.dmio.mirror.disk.LegLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * Compares legs in pieces, each with its range to itself, a few side by side, as a leg may be far away. Pieces that some leg lacks
 * are left to the resync, so a scrub compares only what should be equal. Owned by the mailbox.
 */
final class Scrub {

    private static final int IN_FLIGHT_BYTES_MAX = 2 << 20; // of each leg
    private static final int PIECES_MAX = 16;

    private final Parts parts;
    private final MirrorRuntime runtime;
    private final ScrubMode mode;
    private final Consumer<ScrubReport> told;
    private final NavigableMap<Long, ScrubReport.Mismatch> mismatches = new TreeMap<>(); // by their first sectors
    private final int piecesMax;
    private final long startNanos;
    private long at;
    private long passed; // sectors of pieces that are over
    private int pieces; // in flight, or waiting for their turn
    private boolean filling;
    private long compared;
    private long different;
    private long repaired;
    private long unread;
    private boolean stopped;
    private boolean over;
    private boolean hasTold;
    private final int blockSectors;

    /** What it works on. */
    record Parts(Legs legs, Bitmap bitmap, RangeLock locks, Repairs repairs, SyncThrottle throttle) {}

    Scrub(Parts parts, ScrubMode mode, Consumer<ScrubReport> told) {
        this.parts = parts;
        this.runtime = parts.legs.runtime();
        this.mode = mode;
        this.told = told;
        this.startNanos = runtime.nanos();
        this.blockSectors = runtime.blockBytes() / Sectors.BYTES;
        int pieceBytes = Sectors.BYTES * Math.min(runtime.pieceSectors(), runtime.chunkSectors());
        this.piecesMax = Math.max(1, Math.min(PIECES_MAX, IN_FLIGHT_BYTES_MAX / pieceBytes));
    }

    ScrubMode mode() {
        return mode;
    }

    void start() {
        fill();
    }

    /** Called when a piece is over, whatever came of it. */
    void passed(int sectors) {
        passed += sectors;
        pieces--;
        fill();
    }

    // A piece that is over at once comes back here: the next one starts from the loop, and does not nest.
    private void fill() {
        if (filling) {
            return;
        }
        filling = true;
        while (!stopped && pieces < piecesMax && at < runtime.sectorCount()) {
            long chunkEnd = (at / runtime.chunkSectors() + 1) * runtime.chunkSectors();
            long end = Math.min(Math.min(at + runtime.pieceSectors(), chunkEnd), runtime.sectorCount());
            long from = at;
            at = end;
            pieces++;
            parts.throttle.turn(this, Sectors.toBytes(end - from), () -> compare(from, (int) (end - from)));
        }
        filling = false;
        if (pieces == 0 && !over) {
            over = true;
            if (stopped) {
                ended();
            } else {
                parts.repairs.whenSettled(this::ended);
            }
        }
    }

    private void compare(long from, int sectors) {
        if (stopped || runtime.lost() != null) {
            passed(sectors);
        } else {
            new ScrubPiece(parts, this, from, sectors).start();
        }
    }

    /** Stops before the next piece, even while it is paused. What it has repaired is settled without it, if legs can still do that. */
    void stop() {
        stopped = true;
        pieces -= parts.throttle.drop(this);
        fill();
        if (over) {
            ended();
        }
    }

    /** The least number of sectors that can be read. */
    int blockSectors() {
        return blockSectors;
    }

    /** Counts one more piece, as a piece was cut in two. */
    void oneMore() {
        pieces++;
    }

    WorkProgress progress() {
        long total = (runtime.sectorCount() + runtime.chunkSectors() - 1) / runtime.chunkSectors();
        return WorkProgress.of(runtime, passed / runtime.chunkSectors(), total, startNanos)
                .pausedIf(parts.throttle.isPaused());
    }

    void compared(long sectors) {
        compared += sectors;
    }

    void unread(long sectors) {
        unread += sectors;
    }

    void repaired(long sectors) {
        repaired += sectors;
    }

    /** Notes a sector that differs; neighbours with the same legs become one range. */
    void mismatch(long sector, int legs) {
        different++;
        Map.Entry<Long, ScrubReport.Mismatch> before = mismatches.lowerEntry(sector);
        if (before != null && isNext(before.getValue(), sector, legs)) {
            mismatches.put(before.getKey(), joined(before.getValue(), 1));
            return;
        }
        mismatches.put(sector, new ScrubReport.Mismatch(sector, 1, legs));
        if (mismatches.size() > ScrubReport.MISMATCHES_MAX) {
            mismatches.pollLastEntry();
        }
    }

    private static boolean isNext(ScrubReport.Mismatch before, long sector, int legs) {
        return before.sector() + before.sectorCount() == sector && before.legs() == legs;
    }

    private static ScrubReport.Mismatch joined(ScrubReport.Mismatch first, long more) {
        return new ScrubReport.Mismatch(first.sector(), first.sectorCount() + more, first.legs());
    }

    /** Returns all ranges in order; those that touch, but were found by different pieces, as one. */
    private List<ScrubReport.Mismatch> ranges() {
        List<ScrubReport.Mismatch> ranges = new ArrayList<>();
        for (ScrubReport.Mismatch one : mismatches.values()) {
            int last = ranges.size() - 1;
            if (last >= 0 && isNext(ranges.get(last), one.sector(), one.legs())) {
                ranges.set(last, joined(ranges.get(last), one.sectorCount()));
            } else {
                ranges.add(one);
            }
        }
        return ranges;
    }

    private void ended() {
        if (hasTold) {
            return;
        }
        hasTold = true;
        ScrubReport report = new ScrubReport(compared, different, repaired, unread, ranges(), !stopped);
        for (ScrubReport.Mismatch one : report.mismatches()) {
            runtime.happened(
                    Kind.MISMATCH,
                    LegLayout.NO_LEG,
                    "sectors [" + one.sector() + ", " + (one.sector() + one.sectorCount()) + ") differ");
        }
        runtime.happened(
                Kind.SCRUBBED,
                LegLayout.NO_LEG,
                compared + " sectors compared, " + different + " differ, " + repaired + " repaired, " + unread
                        + " not on all legs");
        told.accept(report);
    }
}
