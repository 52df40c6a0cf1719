package io.dmio.examples.app;

import io.dmio.Errno;
import io.dmio.ErrorBits;
import io.dmio.Sectors;
import io.dmio.examples.app.Demo.Memory;
import io.dmio.examples.app.Demo.Outcome;
import io.dmio.examples.app.Demo.Plan;
import io.dmio.examples.app.FailedRanges.Range;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.LongSupplier;
import reactor.core.scheduler.Schedulers;

/** What the demo says, for 80 columns; with JSON wanted, one object at the end and nothing else. */
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

    void begin(Plan plan, Engine engine, String legs, List<Range> faults) {
        DemoInput input = plan.input();
        out.println(look.strong("dmio demo") + ": one stream to " + plan.legs() + " legs, one of which fails");
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
        row("fault", "leg-1 fails writes to " + FailedRanges.words(faults));
        out.println();
        out.println(look.strong("1 Mirror"));
    }

    ProgressPrinter.Running progress(LongSupplier done, long total) {
        return new ProgressPrinter(out, look, Schedulers.parallel()).start(done, total);
    }

    void mirrored(CopyReport copy, Memory memory, int pages) {
        out.println("  error bits " + bits(copy.legs()) + " (bit i is leg i)");
        for (int i = 0; i < copy.legs().size(); i++) {
            LegReport leg = copy.legs().get(i);
            if (leg.good()) {
                out.println("  " + name(i) + look.good("good") + "    every write was answered, and flushed");
            } else {
                LegReport.Cause why = leg.cause().orElseThrow();
                out.println("  " + name(i) + look.bad("FAILED") + "  " + why.errno() + ": "
                        + Errno.valueOf(why.errno()).meaning());
                wrapped(
                        " ".repeat(17),
                        Sizes.human(Sectors.toBytes(leg.failedSectors())) + " in "
                                + Sizes.counted(leg.failed().size(), "range") + " are undefined now: "
                                + FailedRanges.words(leg.failed()));
            }
        }
        out.println("  memory    " + memory.pagesSeen() + " of " + Sizes.counted(pages, "page")
                + " in use at the most; " + Sizes.counted(memory.bounces(), "copy", "copies")
                + " to align memory");
        out.println();
    }

    void compared(int act, CopyReport copy, List<String> sums) {
        out.println(look.strong(act + " Compare") + " the SHA-256 of " + Sizes.counted(copy.bytes(), "byte"));
        out.println("  " + name(-1) + "       " + copy.sha256());
        for (int i = 0; i < sums.size(); i++) {
            boolean equal = sums.get(i).equals(copy.sha256());
            out.println("  " + name(i) + (equal ? look.good("equal") : look.bad("wrong")) + "  " + sums.get(i));
        }
        out.println();
    }

    void repaired(List<Range> ranges, ErrorBits failed, int leg) {
        long sectors = ranges.stream().mapToLong(Range::count).sum();
        out.println(look.strong("3 Repair"));
        out.println("  leg-" + leg + " answers again: " + Sizes.counted(ranges.size(), "range") + ", "
                + Sizes.human(Sectors.toBytes(sectors)) + ", copied from leg-0, nothing else");
        failed.cause(0).ifPresent(why -> out.println("  " + look.bad("failed") + ": " + why.getMessage()));
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
                        ? look.good("All " + outcome.after().size() + " legs are equal to the input.") + "  " + seconds
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
        json.put("sha256BeforeRepair", outcome.before());
        json.put("repairedRanges", outcome.repaired().size());
        json.put(
                "repairedSectors",
                outcome.repaired().stream().mapToLong(Range::count).sum());
        json.put("sha256AfterRepair", outcome.after());
        json.put("allEqual", outcome.allEqual());
        json.put("seconds", outcome.elapsed().toNanos() / 1e9);
        return json;
    }

    /** The highest leg first, as numbers are written. */
    private String bits(List<LegReport> legs) {
        StringBuilder digits = new StringBuilder();
        for (LegReport leg : legs) {
            digits.insert(0, leg.good() ? "0" : look.bad("1"));
        }
        return "0b" + digits;
    }

    // Two columns of indent and 64 hexadecimal digits leave 14: seven for a name, seven for a verdict.
    private static String name(int leg) {
        return String.format(Locale.ROOT, "%-7s", leg < 0 ? "input" : "leg-" + leg);
    }

    private void row(String name, String value) {
        wrapped("  " + look.faint(String.format(Locale.ROOT, "%-8s", name)), value);
    }

    /** Words after a prefix, further lines below the first. */
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
