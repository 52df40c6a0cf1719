package io.dmio.app.mirror;

import io.dmio.Sectors;
import io.dmio.app.events.Remedy;
import io.dmio.mirror.LegErrors;
import io.dmio.mirror.LegStatus;
import io.dmio.mirror.MirrorEvent;
import io.dmio.mirror.MirrorOwner;
import io.dmio.mirror.MirrorStatus;
import io.dmio.mirror.ScrubReport;
import io.dmio.mirror.WorkProgress;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;

/** Writes mirrors as JSON. */
public final class MirrorJson {

    private MirrorJson() {}

    public static Map<String, Object> of(ScrubReport report) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("sectorsCompared", report.sectorsCompared());
        json.put("sectorsDifferent", report.sectorsDifferent());
        json.put("sectorsRepaired", report.sectorsRepaired());
        json.put("sectorsUnread", report.sectorsUnread());
        json.put("complete", report.complete());
        json.put("equal", report.isEqual());
        json.put(
                "mismatches",
                report.mismatches().stream()
                        .map(range ->
                                Map.of("sector", range.sector(), "count", range.sectorCount(), "legs", range.legs()))
                        .toList());
        return json;
    }

    /**
     * Returns a mirror.
     *
     * @param open whether it is open, so that dirty chunks are recent writes, and not a sign of a crash
     */
    public static Map<String, Object> of(MirrorStatus status, boolean open) {
        return of(status, open, leg -> Map.of());
    }

    /** Returns a mirror, with more about each leg. */
    static Map<String, Object> of(MirrorStatus status, boolean open, Function<LegStatus, Map<String, Object>> more) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("id", status.id().toString());
        json.put("inSync", status.isInSync() && (open || status.dirtyChunks() == 0));
        json.put("writable", status.writable());
        status.owner().ifPresent(owner -> json.put("owner", of(owner)));
        json.put("sectors", status.sectorCount());
        json.put("bytes", Sectors.toBytes(status.sectorCount()));
        json.put("chunkSectors", status.chunkSectors());
        json.put("chunks", status.chunks());
        json.put("dirtyChunks", status.dirtyChunks());
        json.put("staleChunks", status.staleChunks());
        json.put("generation", status.generation());
        json.put("line", status.line());
        json.put(
                "legs",
                status.legs().stream().map(leg -> of(leg, more.apply(leg))).toList());
        status.resync().ifPresent(work -> json.put("resync", of(work)));
        status.scrub().ifPresent(work -> json.put("scrub", of(work)));
        status.lastScrub().ifPresent(report -> json.put("lastScrub", of(report)));
        json.put("events", status.lastEvents().stream().map(MirrorJson::of).toList());
        return json;
    }

    static Map<String, Object> of(MirrorEvent event) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("number", event.number());
        json.put("at", Objects.toString(event.at()));
        json.put("kind", event.kind().name());
        json.put("leg", event.leg());
        json.put("severity", event.severity().name());
        json.put("message", event.message());
        String remedy = Remedy.of(event.kind());
        if (!remedy.isEmpty()) {
            json.put("remedy", remedy);
        }
        return json;
    }

    static Map<String, Object> of(WorkProgress work) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("chunksDone", work.chunksDone());
        json.put("chunksTotal", work.chunksTotal());
        json.put("bytesPerSecond", work.bytesPerSecond());
        work.remaining().ifPresent(left -> json.put("remainingMillis", left.toMillis()));
        json.put("paused", work.paused());
        return json;
    }

    private static Map<String, Object> of(LegStatus leg, Map<String, Object> more) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("index", leg.index());
        json.put("name", leg.name());
        json.put("id", leg.id().toString());
        json.put("state", leg.state().name());
        json.put("writeMostly", leg.writeMostly());
        json.put("staleChunks", leg.staleChunks());
        json.put("lagSectors", leg.lagSectors());
        LegErrors errors = leg.errors();
        Map<String, Object> counts = new LinkedHashMap<>();
        counts.put("reads", errors.reads());
        counts.put("writes", errors.writes());
        counts.put("flushes", errors.flushes());
        counts.put("syncs", errors.syncs());
        counts.put("metadata", errors.metadata());
        counts.put("slow", errors.slow());
        counts.put("healed", errors.healed());
        json.put("errors", counts);
        json.putAll(more);
        return json;
    }

    private static Map<String, Object> of(MirrorOwner owner) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("id", owner.id().toString());
        json.put("host", owner.host());
        json.put("process", owner.process());
        json.put("open", owner.open());
        return json;
    }
}
