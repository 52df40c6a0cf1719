package io.dmio.app.mirror;

import io.dmio.app.cli.Sizes;
import io.dmio.mirror.LegState;
import io.dmio.mirror.LegStatus;
import io.dmio.mirror.MirrorEvent;
import io.dmio.mirror.MirrorOwner;
import io.dmio.mirror.MirrorStatus;
import io.dmio.mirror.ScrubReport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The faults of a mirror, one line each, and what to do about them. */
final class MirrorFaults {

    private final Map<String, String> absent = new LinkedHashMap<>();
    private final List<String> others = new ArrayList<>();
    private final Set<String> refused = new HashSet<>();

    /** Adds legs that were given and are not there, and why. */
    void absent(Map<String, String> legs) {
        absent.putAll(legs);
    }

    /** Adds something else that is wrong. */
    void add(String line) {
        others.add(line);
    }

    /**
     * Adds why the mirror cannot be started with what was found.
     *
     * @param legs the legs that are there: none of them has to be brought back
     */
    void refused(String why, Set<String> legs) {
        others.add(why);
        refused.addAll(legs);
    }

    /**
     * Returns all lines.
     *
     * @param open whether the mirror is open, so that dirty chunks are recent writes
     */
    List<String> of(MirrorStatus status, boolean open) {
        List<String> wrong = new ArrayList<>(others);
        absent.forEach((leg, why) -> {
            if (status.legs().stream().noneMatch(known -> isIt(leg, known))) {
                wrong.add(leg + ": " + why);
            }
        });
        for (LegStatus leg : status.legs()) {
            if (leg.state() != LegState.IN_SYNC && refused.stream().noneMatch(there -> isIt(there, leg))) {
                wrong.add("leg " + leg.index() + " (" + leg.name() + ") is " + MirrorText.word(leg.state())
                        + why(status, leg) + ": " + advice(leg, status.resync().isPresent()));
            }
        }
        if (wrong.isEmpty() && !open && !isOpenHere(status) && status.dirtyChunks() > 0) {
            wrong.add("it was not closed in good order: dmio mirror resync makes its legs equal");
        }
        status.lastScrub()
                .filter(report -> status.scrub().isEmpty())
                .flatMap(MirrorFaults::differing)
                .ifPresent(wrong::add);
        if (!status.writable()) {
            wrong.add("too few legs are in sync for it to take writes (--legs-min)");
        }
        return wrong;
    }

    private static Optional<String> differing(ScrubReport report) {
        long left = report.sectorsDifferent() - report.sectorsRepaired();
        return left <= 0
                ? Optional.empty()
                : Optional.of("the last scrub found " + Sizes.counted(left, "sector")
                        + (left == 1 ? " that still differs" : " that still differ")
                        + ": dmio mirror scrub --repair makes the legs equal, of two with --from, the leg that counts");
    }

    /** Returns whether the process that has it open runs on this machine; that cannot be asked, or it would have been. */
    static boolean isOpenHere(MirrorStatus status) {
        return status.owner()
                .filter(MirrorOwner::open)
                .filter(owner -> owner.host().equals(host()) && Files.exists(Path.of("/proc/" + owner.process())))
                .isPresent();
    }

    private static String host() {
        try {
            return Files.readString(Path.of("/proc/sys/kernel/hostname")).strip();
        } catch (IOException unknown) {
            return "";
        }
    }

    private static boolean isIt(String given, LegStatus leg) {
        return leg.state() == LegState.MISSING && Place.mayBe(given, leg.name());
    }

    private Optional<String> whyAbsent(LegStatus leg) {
        return absent.entrySet().stream()
                .filter(one -> isIt(one.getKey(), leg))
                .map(Map.Entry::getValue)
                .findFirst();
    }

    /** Returns the last thing that went wrong on the leg, or with a chunk that it lacks. */
    private String why(MirrorStatus status, LegStatus leg) {
        Optional<String> notThere = whyAbsent(leg);
        if (notThere.isPresent()) {
            return " (" + notThere.get() + ")";
        }
        List<MirrorEvent> events = status.lastEvents().stream()
                .filter(event -> event.leg() == leg.index() ? isBad(event.kind()) : isLacking(leg, event))
                .toList();
        return events.isEmpty() ? "" : " (" + events.get(events.size() - 1).message() + ")";
    }

    private static boolean isLacking(LegStatus leg, MirrorEvent event) {
        return event.kind() == MirrorEvent.Kind.CHUNK_FAILED && leg.staleChunks() > 0;
    }

    private static boolean isBad(MirrorEvent.Kind kind) {
        return switch (kind) {
            case LEG_FAILED, LAST_LEG_FAILED, LEG_REFUSED, OWNER_LOST, LEG_SET_ASIDE, READ_ERROR, CHUNK_FAILED -> true;
            default -> false;
        };
    }

    private String advice(LegStatus leg, boolean syncs) {
        return switch (leg.state()) {
            case MISSING ->
                (whyAbsent(leg).isPresent() ? "bring it back" : "name it too")
                        + ", or take it out with dmio mirror remove " + out(leg);
            case SYNCING ->
                syncs
                        ? "the resync that runs brings it the rest, and dmio mirror resync waits for that"
                        : "dmio mirror resync brings it the rest";
            case REFUSED -> "bring back the disk that was there, or dmio mirror replace puts another in its place";
            default -> "dmio mirror resync tries it again, dmio mirror replace puts another in its place";
        };
    }

    // A leg that lacked nothing may have taken writes alone since: only the operator knows that it has not.
    private static String out(LegStatus leg) {
        return (leg.staleChunks() == 0 ? "--degraded " : "") + "--out " + leg.index()
                + (leg.staleChunks() == 0 ? ", if it has not been written alone since" : "");
    }
}
