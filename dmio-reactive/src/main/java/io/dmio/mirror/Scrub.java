package io.dmio.mirror;

import io.dmio.Sectors;
import io.dmio.mirror.MirrorEvent.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Compares legs, piece by piece, each with its range to itself. Pieces that some leg lacks are left to the resync, so a
 * scrub compares only what should be equal. Owned by the mailbox.
 */
final class Scrub {

    private final Mirror mirror;
    private final ScrubMode mode;
    private final Consumer<ScrubReport> told;
    private final List<ScrubReport.Mismatch> mismatches = new ArrayList<>();
    private final long startNanos;
    private long at;
    private long compared;
    private long different;
    private long repaired;
    private long unread;
    private boolean stopped;

    Scrub(Mirror mirror, ScrubMode mode, Consumer<ScrubReport> told) {
        this.mirror = mirror;
        this.mode = mode;
        this.told = told;
        this.startNanos = mirror.nanos();
    }

    ScrubMode mode() {
        return mode;
    }

    void next() {
        if (stopped || at >= mirror.sectorCount()) {
            ended();
            return;
        }
        long chunkEnd = (at / mirror.chunkSectors() + 1) * mirror.chunkSectors();
        long end = Math.min(Math.min(at + mirror.options().pieceSectors(), chunkEnd), mirror.sectorCount());
        long from = at;
        at = end;
        mirror.pace()
                .turn(
                        Sectors.toBytes(end - from),
                        () -> new ScrubPiece(mirror, this, from, (int) (end - from)).start());
    }

    void stop() {
        stopped = true;
    }

    WorkProgress progress() {
        long total = (mirror.sectorCount() + mirror.chunkSectors() - 1) / mirror.chunkSectors();
        return WorkProgress.of(mirror, at / mirror.chunkSectors(), total, startNanos);
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

    /** Sectors that differ; neighbours with the same legs become one range. */
    void mismatch(long sector, int legs) {
        different++;
        int last = mismatches.size() - 1;
        if (last >= 0) {
            ScrubReport.Mismatch before = mismatches.get(last);
            if (before.sector() + before.sectorCount() == sector && before.legs() == legs) {
                mismatches.set(last, new ScrubReport.Mismatch(before.sector(), before.sectorCount() + 1, legs));
                return;
            }
        }
        if (mismatches.size() < ScrubReport.MISMATCHES_MAX) {
            mismatches.add(new ScrubReport.Mismatch(sector, 1, legs));
        }
    }

    private void ended() {
        ScrubReport report = new ScrubReport(compared, different, repaired, unread, mismatches, !stopped);
        for (ScrubReport.Mismatch one : mismatches) {
            mirror.happened(
                    Kind.MISMATCH,
                    MirrorOptions.NOBODY,
                    "sectors [" + one.sector() + ", " + (one.sector() + one.sectorCount()) + ") differ");
        }
        mirror.happened(
                Kind.SCRUBBED,
                MirrorOptions.NOBODY,
                compared + " sectors compared, " + different + " differ, " + repaired + " repaired, " + unread
                        + " not read");
        told.accept(report);
    }
}
