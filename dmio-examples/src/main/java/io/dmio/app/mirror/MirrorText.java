package io.dmio.app.mirror;

import io.dmio.Sectors;
import io.dmio.app.cli.Console;
import io.dmio.app.cli.ExitCode;
import io.dmio.app.cli.Json;
import io.dmio.app.cli.Look;
import io.dmio.app.cli.OneLine;
import io.dmio.app.cli.Sizes;
import io.dmio.app.cli.Table;
import io.dmio.app.cli.Times;
import io.dmio.mirror.LegErrors;
import io.dmio.mirror.LegState;
import io.dmio.mirror.LegStatus;
import io.dmio.mirror.MirrorStatus;
import io.dmio.mirror.ScrubReport;
import io.dmio.mirror.WorkProgress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The output of mirror commands about a mirror: for people, or as JSON. */
public final class MirrorText {

    private static final int RANGES_SHOWN_MAX = 10;

    private final Console console;
    private final boolean json;
    private final Map<String, Object> more = new LinkedHashMap<>();
    private final MirrorFaults faults = new MirrorFaults();
    private @Nullable MirrorServer server;

    MirrorText(Console console, boolean json) {
        this.console = console;
        this.json = json;
    }

    /** Prints one line for people, about something that was done. */
    void say(String line) {
        if (!json) {
            console.out().println(OneLine.of(line));
        }
    }

    /** Notes one thing that went wrong. */
    void wrong(String line) {
        console.err().println("dmio: " + OneLine.of(line));
    }

    /** Returns the known faults that no status tells. */
    MirrorFaults faults() {
        return faults;
    }

    /** Notes the server that has the mirror open, and was asked. */
    void servedBy(MirrorServer server) {
        this.server = server;
        faults.absent(server.absent());
        tell("server", server.about());
    }

    /** Adds something to the JSON object beside the status. */
    void tell(String key, Object value) {
        more.put(key, value);
    }

    /**
     * Prints the status, and on standard error what is not as it should be.
     *
     * @param open whether the mirror is open here or in a server that was asked, so that dirty chunks are writes of this run
     * @return the exit code
     */
    int end(MirrorStatus status, boolean open) {
        if (json) {
            Map<String, Object> all = new LinkedHashMap<>(more);
            all.putAll(MirrorJson.of(status, open));
            console.out().println(Json.of(all));
        } else {
            print(status, open);
        }
        List<String> wrong = faults.of(status, open);
        wrong.forEach(this::wrong);
        return wrong.isEmpty() ? ExitCode.GOOD : ExitCode.SOME_FAILED;
    }

    /** Does the same when somebody asked to stop. */
    int stopped(MirrorStatus status) {
        wrong("stopped: "
                + (status.staleChunks() == 0
                        ? "nothing is left to copy"
                        : Sizes.human(Sectors.toBytes(status.staleChunks() * status.chunkSectors()))
                                + " are left to copy; dmio mirror resync goes on there"));
        return ExitCode.STOPPED;
    }

    /** Does the same when a server goes on with the work. */
    int left() {
        wrong("not waited for any more: the server goes on with it; dmio mirror status shows how far it is");
        return ExitCode.STOPPED;
    }

    /** Tells what was started in a server, and is not waited for. */
    int detached() {
        if (json) {
            console.out().println(Json.of(Map.of("detached", true)));
        } else {
            console.out().println("started; dmio mirror status shows how far it is");
        }
        return ExitCode.GOOD;
    }

    void scrubbed(ScrubReport report) {
        tell("scrub", MirrorJson.of(report));
        if (report.sectorsUnread() > 0) {
            faults.add(
                    Sizes.counted(report.sectorsUnread(), "sector") + (report.sectorsUnread() == 1 ? " was" : " were")
                            + " not compared on all legs: bring back what is out, look at the disks' health, and scrub again");
        }
        say(words(report));
        report.mismatches().stream()
                .limit(RANGES_SHOWN_MAX)
                .forEach(range -> say("  sectors [" + range.sector() + ", " + (range.sector() + range.sectorCount())
                        + ") differ on " + names(range.legs())));
        if (report.mismatches().size() > RANGES_SHOWN_MAX) {
            say("  and "
                    + Sizes.counted(report.mismatches().size() - RANGES_SHOWN_MAX, "more range")
                    + " (all with --json)");
        }
    }

    private void print(MirrorStatus status, boolean open) {
        Look look = console.outLook();
        long chunk = Sectors.toBytes(status.chunkSectors());
        String title = "mirror " + status.id();
        console.out()
                .println(look.strong(
                        title.length() > look.columns() ? status.id().toString() : title));
        say("  " + Sizes.human(Sectors.toBytes(status.sectorCount())) + " in " + Sizes.counted(status.chunks(), "chunk")
                + " of " + Sizes.human(chunk));
        MirrorServer asked = server;
        if (asked != null) {
            say("  served by process " + asked.about().get("process") + " at "
                    + asked.about().get("uri"));
        }
        status.owner()
                .filter(owner -> !open && owner.open())
                .ifPresent(owner -> say(
                        MirrorFaults.isOpenHere(status)
                                ? "  open in " + owner.words() + ", which does not answer in this run directory"
                                : "  open, or not closed in good order, by " + owner.words()));
        List<Table.Column> columns = List.of(
                Table.Column.ofNumbers("  leg"),
                Table.Column.ofWords("state"),
                Table.Column.ofNumbers("lacks"),
                Table.Column.ofNumbers("errors"),
                Table.Column.ofWords("device"));
        Table table = new Table(columns);
        for (LegStatus leg : status.legs()) {
            table.add(List.of(
                    String.valueOf(leg.index()),
                    word(leg.state()),
                    leg.staleChunks() == 0 ? "nothing" : Sizes.human(leg.staleChunks() * chunk),
                    String.valueOf(errors(leg.errors())),
                    leg.name() + (leg.writeMostly() ? " (write-mostly)" : "")));
        }
        table.lines(width(look)).forEach(console.out()::println);
        printWork(status, open);
    }

    private void printWork(MirrorStatus status, boolean open) {
        status.resync().ifPresent(work -> say("  resync " + words(work)));
        status.scrub().ifPresent(work -> say("  scrub " + words(work)));
        if (status.dirtyChunks() > 0 && (open || MirrorFaults.isOpenHere(status))) {
            say("  " + Sizes.counted(status.dirtyChunks(), "chunk") + were(status) + " written lately");
        } else if (status.dirtyChunks() > 0) {
            say("  " + Sizes.counted(status.dirtyChunks(), "chunk") + were(status)
                    + " being written when it was last open; the next start makes their legs equal");
        }
    }

    private static String were(MirrorStatus status) {
        return status.dirtyChunks() == 1 ? " was" : " were";
    }

    /** Returns how wide a table may be. */
    static int width(Look look) {
        return look.terminal() ? look.columns() : Integer.MAX_VALUE;
    }

    /** Returns the progress of work in words. */
    private static String words(WorkProgress work) {
        long share = work.chunksTotal() == 0 ? 100 : work.chunksDone() * 100 / work.chunksTotal();
        return share + "%" + (work.paused() ? ", paused" : ", " + Sizes.human(work.bytesPerSecond()) + "/s")
                + (work.paused()
                        ? ""
                        : work.remaining().map(left -> ", " + Times.about(left)).orElse(""));
    }

    static String word(LegState state) {
        return state.name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }

    private static long errors(LegErrors errors) {
        return errors.reads() + errors.writes() + errors.flushes() + errors.syncs() + errors.metadata() + errors.slow();
    }

    public static String words(ScrubReport report) {
        String compared = Sizes.human(Sectors.toBytes(report.sectorsCompared())) + " compared"
                + (report.complete() ? "" : " before it was stopped");
        if (report.sectorsDifferent() + report.sectorsUnread() == 0) {
            return compared + ": all legs are equal" + (report.complete() ? "" : " there");
        }
        String text = compared + ": " + Sizes.counted(report.sectorsDifferent(), "sector")
                + (report.sectorsDifferent() == 1 ? " differs, " : " differ, ")
                + Sizes.grouped(report.sectorsRepaired()) + " repaired";
        return report.sectorsUnread() == 0
                ? text
                : text + ", " + Sizes.grouped(report.sectorsUnread()) + " not compared on all legs";
    }

    private static String names(int mask) {
        List<String> names = new ArrayList<>();
        for (int i = 0; i < Integer.SIZE; i++) {
            if ((mask >> i & 1) != 0) {
                names.add("leg " + i);
            }
        }
        return String.join(", ", names);
    }
}
