package io.dmio.app.bench;

import io.dmio.app.cli.Console;
import io.dmio.app.cli.Look;
import io.dmio.app.cli.Sizes;
import io.dmio.app.cli.Table;
import io.dmio.app.cli.Table.Column;
import io.dmio.app.cli.Times;
import io.dmio.app.measure.Advice;
import io.dmio.app.measure.Machine;
import io.dmio.app.measure.Result;
import io.dmio.app.measure.Timing;
import io.dmio.app.measure.Variant;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;

/** The output of {@code dmio bench}: the plan, a line with the progress, the table, and the advice. */
final class BenchText {

    private static final String ERASE_TO_END = "\u001b[K";

    /** The spread up to which rounds count as quiet; medians of rounds that differ more are named as such. */
    private static final double SPREAD_QUIET = 0.3;

    private final Console console;

    BenchText(Console console) {
        this.console = console;
    }

    /** Tells somebody that waits at a terminal that the legs are being prepared. */
    void preparing() {
        status("preparing the legs");
    }

    /**
     * Prints what comes before the first measurement.
     *
     * @param bench what runs on what
     * @param more what else could be asked for; may be empty
     */
    void begin(BenchSetup bench, String more) {
        row("machine", Machine.here().toString());
        row("legs", bench.place() + ", " + bench.legs().how());
        bench.notes().forEach(note -> row("note", note));
        row("engines", String.join(", ", bench.engines()));
        row("plan", plan(bench.variants().size(), bench.timing()));
        if (!more.isEmpty()) {
            row("more", more);
        }
    }

    private static String plan(int variants, Timing timing) {
        return Sizes.counted(variants, "variant") + " in " + Sizes.counted(timing.rounds(), "round") + " of "
                + timing.time().toMillis() + " ms: " + Times.about(timing.planned(variants));
    }

    private void row(String name, String value) {
        console.out().println("  " + String.format(Locale.ROOT, "%-9s", name) + value);
    }

    /** Shows the progress while it runs. */
    void measuring(Variant variant, int done, int all) {
        status((done + 1) + "/" + all + "  " + words(variant));
    }

    static String words(Variant variant) {
        return variant.engine() + ", " + Sizes.counted(variant.legs(), "leg") + ", " + work(variant) + ", "
                + variant.block() + ", depth " + variant.depth();
    }

    private void status(String words) {
        if (console.errLook().terminal()) {
            console.err().print("\r  " + words + ERASE_TO_END);
            console.err().flush();
        }
    }

    /** Wipes the line with the progress. */
    void endStatus() {
        if (console.errLook().terminal()) {
            console.err().print("\r" + ERASE_TO_END);
            console.err().flush();
        }
    }

    /** Prints the table and the advice. */
    void end(List<Result> results) {
        PrintStream out = console.out();
        Look look = console.outLook();
        out.println();
        List<String> lines = table(results, look.mark("µs", "us")).lines();
        int headings = lines.size() - results.size();
        for (int i = 0; i < lines.size(); i++) {
            boolean broken = i >= headings && results.get(i - headings).broken();
            out.println(i < headings ? look.faint(lines.get(i)) : broken ? look.bad(lines.get(i)) : lines.get(i));
        }
        out.println();
        if (results.stream().anyMatch(result -> result.variant().legs() > 1)) {
            out.println("Counted are operations of legs: a write to 3 legs is 3, a read is 1.");
        }
        double spread = results.stream().mapToDouble(Result::spread).max().orElse(0);
        if (spread > SPREAD_QUIET) {
            out.println("Rounds differ by up to " + whole(100 * spread) + " %: not a quiet machine or disk; longer"
                    + " measurements (--time 5s) tell more.");
        }
        Advice.of(results).forEach(sentence -> out.println(look.strong(sentence)));
    }

    /** Returns a table with a row for each result. */
    static Table table(Collection<Result> results, String micros) {
        Table table = new Table(columns(
                Column.ofNumbers("leg ops\n/s"),
                Column.ofNumbers("spread\n%"),
                Column.ofNumbers("\nMB/s"),
                Column.ofNumbers("CPU\n" + micros + "/op"),
                Column.ofNumbers("alloc\nB/req"),
                Column.ofNumbers("p50\n" + micros),
                Column.ofNumbers("p99\n" + micros),
                Column.ofNumbers("p99.9\n" + micros),
                Column.ofNumbers("max\n" + micros)));
        results.forEach(result -> table.add(cells(result)));
        return table;
    }

    /** Returns the columns that distinguish variants, and some more. */
    static List<Column> columns(Column... more) {
        List<Column> columns = new ArrayList<>(List.of(
                Column.ofWords("engine"),
                Column.ofNumbers("legs"),
                Column.ofWords("work"),
                Column.ofNumbers("block"),
                Column.ofNumbers("depth")));
        columns.addAll(List.of(more));
        return columns;
    }

    /** Returns the cells of the first of these columns; the caller may add to them. */
    static List<String> names(Variant variant) {
        return new ArrayList<>(List.of(
                variant.engine(),
                Integer.toString(variant.legs()),
                work(variant),
                variant.block(),
                Integer.toString(variant.depth())));
    }

    private static List<String> cells(Result result) {
        Variant variant = result.variant();
        List<String> cells = names(variant);
        if (result.broken()) {
            cells.add("broken: " + Sizes.counted(result.errors(), "error"));
            return cells;
        }
        cells.addAll(List.of(
                whole(result.legOpsPerSecond()),
                result.legOpsPerSecondBySample().size() == 1 ? "-" : whole(100 * result.spread()),
                number(result.bytesPerSecond() / 1e6),
                number(result.cpuMicrosPerLegOp()),
                whole(result.allocatedBytesPerRequest()),
                whole(result.latencyMicros(50)),
                whole(result.latencyMicros(99)),
                whole(result.latencyMicros(99.9)),
                whole(result.latencyMicrosMax())));
        return cells;
    }

    private static String work(Variant variant) {
        return variant.access().brief() + " " + variant.work();
    }

    private static String whole(double value) {
        return String.format(Locale.ROOT, "%,.0f", value);
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, value < 99.95 ? "%.1f" : "%,.0f", value);
    }
}
