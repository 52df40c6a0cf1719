package io.dmio.app.demo;

import io.dmio.Sectors;
import io.dmio.app.cli.Console;
import io.dmio.app.cli.Engine;
import io.dmio.app.cli.Json;
import io.dmio.app.cli.Look;
import io.dmio.app.cli.ProgressPrinter;
import io.dmio.app.cli.Sizes;
import io.dmio.app.copy.CopyReport;
import io.dmio.app.demo.Demo.Memory;
import io.dmio.app.demo.Demo.Outcome;
import io.dmio.app.demo.Demo.Plan;
import io.dmio.app.mirror.MirrorJson;
import io.dmio.app.mirror.MirrorText;
import io.dmio.mirror.LegState;
import io.dmio.mirror.LegStatus;
import io.dmio.mirror.MirrorStatus;
import io.dmio.mirror.ScrubReport;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.LongSupplier;
import reactor.core.scheduler.Schedulers;

/** The output of the demo, for 80 columns; if JSON is wanted, one object at the end and nothing else. */
final class DemoText {

    private static final int COLUMNS = 80;

    private final Console console;
    private final boolean json;
    private final PrintStream out;
    private final Look look;

    DemoText(Console console, boolean json) {
        this.console = console;
        this.json = json;
        this.out =
                json ? new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8) : console.out();
        this.look = json ? Look.PLAIN : console.outLook();
    }

    void begin(Plan plan, Engine engine, String legs) {
        DemoInput input = plan.input();
        out.println(
                look.strong("dmio demo") + ": one stream to a mirror of " + plan.legs() + " legs, one of which fails");
        out.println();
        row("input", input.file().toString());
        row(
                "",
                input.bytes() == input.fileBytes()
                        ? Sizes.human(input.bytes()) + ", all of it"
                        : "its first " + Sizes.human(input.bytes()) + " of " + Sizes.human(input.fileBytes()));
        row("legs", legs);
        row("engine", engine.name() + (plan.direct() ? ", direct: " : ", buffered: ") + engine.reason());
        row(
                "budget",
                Sizes.counted(plan.pages(), "page") + " = " + Sizes.human((long) plan.pages() * Sectors.PAGE_BYTES)
                        + " in flight at most, however large the input");
        row("fault", "leg-1 fails everything once " + Sizes.human(plan.failsAt()) + " are written");
        out.println();
        out.println(look.strong("1 Mirror"));
    }

    ProgressPrinter.Running progress(LongSupplier done, long total) {
        return new ProgressPrinter(out, look, Schedulers.parallel()).start(done, total);
    }

    void mirrored(CopyReport copy, MirrorStatus mirror, Memory memory, int pages) {
        out.println("  stream   " + (copy.good() ? look.good("good") : look.bad("FAILED")) + "     "
                + Sizes.counted(copy.bytes(), "byte") + " were written to the mirror");
        for (LegStatus leg : mirror.legs()) {
            boolean good = leg.state() == LegState.IN_SYNC;
            out.println("  " + name(leg.index()) + "  "
                    + (good
                            ? look.good("in sync") + "  has everything"
                            : look.bad("FAILED") + "   lacks "
                                    + Sizes.human(Sectors.toBytes(leg.staleChunks() * mirror.chunkSectors())) + ": "
                                    + Sizes.grouped(leg.staleChunks()) + " of "
                                    + Sizes.counted(mirror.chunks(), "chunk")));
        }
        out.println("  memory   " + memory.pagesSeen() + " of " + Sizes.counted(pages, "page")
                + " in use at the most; " + Sizes.counted(memory.bounces(), "copy", "copies")
                + " to align memory");
        out.println();
    }

    void answersAgain(int leg) {
        out.println(look.strong("2 Resync") + ": leg-" + leg + " answers again, and gets what it missed");
    }

    void resynced(MirrorStatus before, MirrorStatus after, int leg) {
        LegStatus lacked = before.legs().get(leg);
        LegState now = after.legs().get(leg).state();
        out.println("  " + name(leg) + "  "
                + (now == LegState.IN_SYNC ? look.good("in sync") : look.bad(now.name()))
                + "  "
                + Sizes.counted(lacked.staleChunks(), "chunk") + " were copied to it, the other "
                + Sizes.grouped(before.chunks() - lacked.staleChunks()) + " were not");
        out.println();
        out.println(look.strong("3 Scrub") + ": sector by sector");
    }

    void scrubbed(ScrubReport report) {
        out.println("  " + (report.isEqual() ? look.good("equal") : look.bad("different")) + "  "
                + MirrorText.words(report));
        out.println();
    }

    void compared(CopyReport copy, List<String> sums) {
        out.println(look.strong("4 Compare") + " the SHA-256 of " + Sizes.counted(copy.bytes(), "byte"));
        out.println("  " + name(-1) + "       " + copy.sha256().orElseThrow());
        for (int i = 0; i < sums.size(); i++) {
            boolean equal = sums.get(i).equals(copy.sha256().orElseThrow());
            out.println("  " + name(i) + (equal ? look.good("equal") : look.bad("wrong")) + "  " + sums.get(i));
        }
        out.println();
    }

    void end(Outcome outcome, String kept) {
        if (json) {
            console.out().println(Json.of(json(outcome)));
        }
        if (outcome.stopped()) {
            CopyReport copy = outcome.copy();
            console.err()
                    .println("dmio: stopped: " + Sizes.human(copy.bytes()) + " of "
                            + Sizes.human(outcome.plan().input().bytes())
                            + " were mirrored; " + (kept.isEmpty() ? "the legs are gone" : "the legs are in " + kept));
            return;
        }
        String seconds = String.format(Locale.ROOT, "%.1f s", outcome.elapsed().toMillis() / 1000.0);
        out.println(
                outcome.allEqual()
                        ? look.good("All " + outcome.sums().size() + " legs are equal to the input.") + "  " + seconds
                        : look.bad("Not all legs are equal to the input.") + "  " + seconds);
        if (!kept.isEmpty()) {
            out.println("The legs are in " + kept);
        }
        out.println();
        out.println(look.strong("Next"));
        out.println("  ./dmio copy --verify FILE a.img b.img   mirror something of yours");
        out.println("  ./dmio info a.img                       what a file or disk promises");
        out.println("  ./dmio demo --legs 8 --budget 64p       more legs, less memory");
    }

    private static Map<String, Object> json(Outcome outcome) {
        Plan plan = outcome.plan();
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("input", plan.input().file().toString());
        json.put("engine", outcome.engine().name());
        json.put("engineReason", outcome.engine().reason());
        json.put("direct", plan.direct());
        json.put("budgetPages", plan.pages());
        json.put("pagesSeen", outcome.memory().pagesSeen());
        json.put("bounces", outcome.memory().bounces());
        json.put("copy", outcome.copy().toJson());
        json.put("afterTheFault", MirrorJson.of(outcome.failed(), true));
        outcome.scrub().ifPresent(scrub -> json.put("scrub", MirrorJson.of(scrub)));
        json.put("sha256OfLegs", outcome.sums());
        json.put("allEqual", outcome.allEqual());
        json.put("seconds", outcome.elapsed().toNanos() / 1e9);
        return json;
    }

    // Two columns of indent and 64 hexadecimal digits leave 14: seven for a name, seven for a verdict.
    private static String name(int leg) {
        return String.format(Locale.ROOT, "%-7s", leg < 0 ? "input" : "leg-" + leg);
    }

    private void row(String name, String value) {
        wrapped("  " + look.faint(String.format(Locale.ROOT, "%-8s", name)), value);
    }

    /** Prints words after a prefix, with further lines below the first. */
    private void wrapped(String prefix, String value) {
        int indent = prefix.startsWith("          ") ? prefix.length() : 10;
        String line = "";
        String before = prefix;
        for (String word : value.split("(?<!,) ", -1)) {
            if (!line.isEmpty() && indent + line.length() + 1 + word.length() > COLUMNS) {
                out.println(before + line);
                before = " ".repeat(indent);
                line = word;
            } else {
                line = line.isEmpty() ? word : line + " " + word;
            }
        }
        out.println(before + line);
    }
}
