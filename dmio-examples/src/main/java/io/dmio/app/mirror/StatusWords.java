package io.dmio.app.mirror;

import io.dmio.mirror.LegState;
import io.dmio.mirror.LegStatus;
import io.dmio.mirror.MirrorStatus;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Writes the state of a mirror in one line, as service managers show it. */
final class StatusWords {

    private StatusWords() {}

    /** Returns text such as "1 of 2 legs in sync: 1 (b.img) is failed". */
    static String of(MirrorStatus status) {
        List<LegStatus> legs = status.legs();
        List<LegStatus> others =
                legs.stream().filter(leg -> leg.state() != LegState.IN_SYNC).toList();
        String count = others.isEmpty()
                ? "all " + legs.size() + " legs in sync"
                : legs.size() - others.size() + " of " + legs.size() + " legs in sync: "
                        + others.stream().map(StatusWords::of).collect(Collectors.joining(", "));
        String work =
                status.resync().isPresent() ? ", resync runs" : status.scrub().isPresent() ? ", scrub runs" : "";
        return count + work + (status.writable() ? "" : ", writes are refused");
    }

    private static String of(LegStatus leg) {
        String state = leg.state().name().toLowerCase(Locale.ROOT).replace('_', ' ');
        return leg.index() + " (" + leg.name() + ") is " + state;
    }
}
