package io.dmio.app.bench;

import io.dmio.app.cli.Console;
import io.dmio.app.cli.Sizes;
import io.dmio.app.cli.Table;
import io.dmio.app.cli.Table.Column;
import io.dmio.app.measure.Machine;
import io.dmio.app.measure.Result;
import io.dmio.app.measure.Variant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Compares a run with an earlier one. A variant is called slower, or faster, only if its medians differ by more than a tenth and the rounds
 * of the two runs do not overlap: what a noisy machine does to single rounds is not told.
 *
 * @param kept the earlier run
 * @param rows the variants that both measured without errors
 */
record Comparison(KeptRun kept, List<Row> rows) {

    private static final double SAME = 0.1;

    /**
     * A variant then and now.
     *
     * @param variant what was measured
     * @param then the operations of legs per second then, the median
     * @param now the same now
     * @param change 1 if it is faster, -1 if it is slower, else 0
     */
    record Row(Variant variant, double then, double now, int change) {

        static Row of(Result result, List<Double> then) {
            List<Double> now = result.legOpsPerSecondBySample();
            double before = median(then);
            double ratio = result.legOpsPerSecond() / before;
            boolean slower = ratio < 1 - SAME && Collections.max(now) < Collections.min(then);
            boolean faster = ratio > 1 + SAME && Collections.min(now) > Collections.max(then);
            return new Row(result.variant(), before, result.legOpsPerSecond(), slower ? -1 : faster ? 1 : 0);
        }

        double ratio() {
            return now / then;
        }

        private static double median(List<Double> values) {
            List<Double> sorted = values.stream().sorted().toList();
            int half = sorted.size() / 2;
            return sorted.size() % 2 == 1 ? sorted.get(half) : (sorted.get(half - 1) + sorted.get(half)) / 2;
        }
    }

    static Comparison of(KeptRun kept, List<Result> results) {
        List<Row> rows = new ArrayList<>();
        for (Result result : results) {
            List<Double> then = kept.rounds().get(result.variant());
            if (then != null && !result.broken()) {
                rows.add(Row.of(result, then));
            }
        }
        return new Comparison(kept, rows);
    }

    boolean anySlower() {
        return rows.stream().anyMatch(row -> row.change < 0);
    }

    /** Prints a row for each, and the overall result. */
    void print(Console console) {
        console.out().println();
        console.out().println("Against the run of " + kept.time() + ":");
        Table table = new Table(BenchText.columns(
                Column.ofNumbers("then\n/s"),
                Column.ofNumbers("now\n/s"),
                Column.ofNumbers("ratio"),
                Column.ofWords("")));
        rows.forEach(row -> table.add(cells(row)));
        table.lines().forEach(console.out()::println);
        console.out().println(console.outLook().strong(words()));
        if (!kept.machine().equals(Machine.here())) {
            console.out().println("That was on " + kept.machine() + ": compare with care.");
        }
    }

    private String words() {
        if (rows.isEmpty()) {
            return "That run measured none of these variants: run this one with the options of that.";
        }
        long slower = rows.stream().filter(row -> row.change < 0).count();
        long faster = rows.stream().filter(row -> row.change > 0).count();
        return slower + " of " + Sizes.counted(rows.size(), "variant") + " slower, " + faster
                + " faster; the others within a tenth, or rounds overlap.";
    }

    private static List<String> cells(Row row) {
        List<String> cells = BenchText.names(row.variant);
        cells.add(String.format(Locale.ROOT, "%,.0f", row.then));
        cells.add(String.format(Locale.ROOT, "%,.0f", row.now));
        cells.add(String.format(Locale.ROOT, "%.2f", row.ratio()));
        cells.add(row.change < 0 ? "slower" : row.change > 0 ? "faster" : "");
        return cells;
    }

    /** Returns the comparison as a part of the run's JSON. */
    Map<String, Object> json() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("time", kept.time());
        json.put("sameMachine", kept.machine().equals(Machine.here()));
        json.put(
                "variants",
                rows.stream()
                        .map(row -> {
                            Map<String, Object> one = BenchJson.names(row.variant);
                            one.put("legOpsPerSecondThen", row.then);
                            one.put("legOpsPerSecond", row.now);
                            one.put("change", row.change < 0 ? "slower" : row.change > 0 ? "faster" : "none");
                            return one;
                        })
                        .toList());
        return json;
    }
}
