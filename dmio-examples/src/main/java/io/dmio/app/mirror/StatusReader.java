package io.dmio.app.mirror;

import io.dmio.mirror.LegErrors;
import io.dmio.mirror.LegState;
import io.dmio.mirror.LegStatus;
import io.dmio.mirror.MirrorEvent;
import io.dmio.mirror.MirrorOwner;
import io.dmio.mirror.MirrorStatus;
import io.dmio.mirror.ScrubReport;
import io.dmio.mirror.WorkProgress;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Reads what {@link MirrorJson} writes. What a newer or older server does not say counts as nothing. */
final class StatusReader {

    private StatusReader() {}

    static MirrorStatus read(Map<String, Object> json) {
        Fields fields = new Fields(json);
        return new MirrorStatus(
                fields.id("id"),
                fields.number("generation"),
                fields.number("sectors"),
                (int) fields.number("chunkSectors"),
                fields.objects("legs").stream().map(StatusReader::leg).toList(),
                fields.number("chunks"),
                fields.number("dirtyChunks"),
                fields.number("staleChunks"),
                fields.is("writable"),
                fields.object("owner").map(StatusReader::owner),
                fields.object("resync").map(StatusReader::progress),
                fields.object("scrub").map(StatusReader::progress),
                fields.object("lastScrub").map(StatusReader::report),
                fields.objects("events").stream().map(StatusReader::event).toList());
    }

    /** Reads a report; null if it is not one. */
    static @Nullable ScrubReport scrub(@Nullable Object json) {
        return json instanceof Map<?, ?> ? report(Fields.of(json)) : null;
    }

    private static LegStatus leg(Fields leg) {
        Fields errors = leg.object("errors").orElseGet(() -> new Fields(Map.of()));
        return new LegStatus(
                (int) leg.number("index"),
                leg.text("name"),
                leg.id("id"),
                leg.constant("state", LegState.class, LegState.REFUSED),
                leg.is("writeMostly"),
                leg.number("staleChunks"),
                leg.number("lagSectors"),
                new LegErrors(
                        errors.number("reads"),
                        errors.number("writes"),
                        errors.number("flushes"),
                        errors.number("syncs"),
                        errors.number("metadata"),
                        errors.number("slow"),
                        errors.number("healed")));
    }

    private static MirrorOwner owner(Fields owner) {
        return new MirrorOwner(owner.id("id"), owner.text("host"), owner.number("process"), owner.is("open"));
    }

    private static WorkProgress progress(Fields work) {
        long left = work.number("remainingMillis");
        return new WorkProgress(
                work.number("chunksDone"),
                work.number("chunksTotal"),
                work.number("bytesPerSecond"),
                left == 0 ? Optional.empty() : Optional.of(Duration.ofMillis(left)),
                work.is("paused"));
    }

    private static ScrubReport report(Fields report) {
        return new ScrubReport(
                report.number("sectorsCompared"),
                report.number("sectorsDifferent"),
                report.number("sectorsRepaired"),
                report.number("sectorsUnread"),
                report.objects("mismatches").stream()
                        .map(range -> new ScrubReport.Mismatch(
                                range.number("sector"), range.number("count"), (int) range.number("legs")))
                        .toList(),
                report.is("complete"));
    }

    private static MirrorEvent event(Fields event) {
        return new MirrorEvent(
                event.number("number"),
                Instant.parse(event.text("at")),
                event.constant("kind", MirrorEvent.Kind.class, MirrorEvent.Kind.STARTED),
                (int) event.number("leg"),
                event.text("message"));
    }

    /** Reads a JSON object by the types that its members should have. */
    private record Fields(Map<?, ?> json) {

        static Fields of(Object json) {
            return new Fields(json instanceof Map<?, ?> map ? map : Map.of());
        }

        String text(String name) {
            return json.get(name) instanceof String text ? text : "";
        }

        long number(String name) {
            return json.get(name) instanceof Long number ? number : 0;
        }

        boolean is(String name) {
            return Boolean.TRUE.equals(json.get(name));
        }

        UUID id(String name) {
            return UUID.fromString(text(name));
        }

        Optional<Fields> object(String name) {
            return json.get(name) instanceof Map<?, ?> map ? Optional.of(new Fields(map)) : Optional.empty();
        }

        List<Fields> objects(String name) {
            return json.get(name) instanceof List<?> list
                    ? list.stream().map(Fields::of).toList()
                    : List.of();
        }

        <E extends Enum<E>> E constant(String name, Class<E> type, E otherwise) {
            for (E one : type.getEnumConstants()) {
                if (one.name().equals(text(name))) {
                    return one;
                }
            }
            return otherwise;
        }
    }
}
