package io.dmio.bench.peers;

import io.dmio.bench.peers.Variant.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/** The report: what was measured where, a table and a chart for each work on each target. */
record Report(Map<String, String> facts, Options.Effort effort, Map<String, List<Series>> results) {

    void write(Path directory) throws IOException {
        StringBuilder text = new StringBuilder(head());
        for (Map.Entry<String, List<Series>> target : results.entrySet()) {
            text.append("\n## ").append(target.getKey()).append('\n');
            for (Series series : target.getValue()) {
                String chart = slug(target.getKey() + " " + series.work().name()) + ".svg";
                text.append(section(series, chart));
                Files.writeString(directory.resolve(chart), chart(target.getKey(), series));
            }
        }
        Files.writeString(directory.resolve("report.md"), text);
    }

    private String head() {
        StringBuilder head = new StringBuilder("# Beside its peers\n\n| | |\n|---|---|\n");
        facts.forEach((name, value) ->
                head.append("| ").append(name).append(" | ").append(cell(value)).append(" |\n"));
        return head.append(String.format(Locale.ROOT, """

                        %d round(s) of %.1f s after %.1f s of warming up, each run a process of its own. Medians, with least and \
                        most. "of fio" is to the faster of fio's two; "of best peer" to the fastest Java peer that does direct \
                        I/O. Times are of requests, from start to the end of the last leg; fio's are of leg operations. CPU is \
                        the whole process, the kernel's io_uring workers included.
                        """, effort.rounds(), effort.seconds(), effort.warmUpSeconds()))
                .toString();
    }

    /** A work's table, with the variants that did not run below it. */
    static String section(Series series, String chart) {
        Workload work = series.work();
        StringBuilder section = new StringBuilder("\n### " + work.name() + "\n\n" + work.title() + ".\n\n");
        section.append("![](").append(chart).append(")\n\n");
        section.append(series.quietness()
                        .map(Quietness::words)
                        .orElse("Nobody knows how quiet it was: there is no fio."))
                .append("\n\n");
        section.append(
                        "| by | leg operations/s | least to most | MiB/s | of fio | of best peer | CPU µs a leg operation |")
                .append(" heap bytes a request | p50 µs | p99 µs | p99.9 µs | most µs | resident MiB |\n");
        section.append("|---|---|---|---|---|---|---|---|---|---|---|---|---|\n");
        series.measured().forEach(variant -> section.append(row(series, variant)));
        series.refusals()
                .forEach((variant, reason) -> section.append("\nDoes not run: ")
                        .append(variant.label())
                        .append(": ")
                        .append(cell(reason))
                        .append('\n'));
        return section.toString();
    }

    private static String row(Series series, Variant variant) {
        Runs rate = series.rate(variant);
        boolean buffered = variant.kind() == Kind.BUFFERED;
        List<Measured> runs = series.runsOf(variant);
        return "| " + variant.label() + (buffered ? " (page cache)" : "")
                + String.format(
                        Locale.ROOT,
                        " | %,.0f | %,.0f to %,.0f | %,.0f",
                        rate.median(),
                        rate.least(),
                        rate.most(),
                        rate.median() * series.work().blockBytes() / (1 << 20))
                + " | " + (buffered ? "–" : ratio(rate, series.best(kind -> kind == Kind.FIO)))
                + " | "
                + (buffered || variant.kind() == Kind.FIO ? "–" : ratio(rate, series.best(kind -> kind == Kind.DIRECT)))
                + " | " + median(runs, "%,.1f", m -> m.cost().cpuMicrosPerLegOp())
                + " | " + median(runs, "%,.0f", m -> m.cost().allocatedBytesPerRequest())
                + " | " + median(runs, "%,.1f", m -> m.nanos().p50() / 1e3)
                + " | " + median(runs, "%,.0f", m -> m.nanos().p99() / 1e3)
                + " | " + median(runs, "%,.0f", m -> m.nanos().p999() / 1e3)
                + " | " + median(runs, "%,.0f", m -> m.nanos().max() / 1e3)
                + " | "
                + median(
                        runs,
                        "%,.0f",
                        m -> m.cost().residentBytesMax() < 0 ? -1 : m.cost().residentBytesMax() / (double) (1 << 20))
                + " |\n";
    }

    private static String median(List<Measured> runs, String format, ToDoubleFunction<Measured> figure) {
        double median = Runs.of(runs, figure).median();
        return median < 0 ? "–" : String.format(Locale.ROOT, format, median);
    }

    private static String ratio(Runs rate, Optional<Runs> to) {
        return to.map(other -> String.format(Locale.ROOT, "%.2f", rate.ratioTo(other)))
                .orElse("–");
    }

    /** The same medians as bars. */
    static String chart(String target, Series series) {
        Optional<Runs> fio = series.best(kind -> kind == Kind.FIO);
        List<BarChart.Bar> bars = series.measured().stream()
                .map(variant -> {
                    Runs rate = series.rate(variant);
                    boolean same = variant.kind() != Kind.BUFFERED;
                    String note = fio.filter(f -> same)
                            .map(f -> String.format(Locale.ROOT, "%.2f of fio", rate.ratioTo(f)))
                            .orElse("");
                    return new BarChart.Bar(
                            variant.label() + (same ? "" : " (page cache)"), rate, note, variant.kind() == Kind.DMIO);
                })
                .toList();
        String loud = series.quietness()
                .filter(Quietness::isLoud)
                .map(them -> ", loud")
                .orElse("");
        return new BarChart(series.work().title() + ": leg operations/s, " + target + loud, bars).svg();
    }

    private static String cell(String text) {
        return text.replace('\n', ' ').replace("|", "\\|");
    }

    private static String slug(String text) {
        return text.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-");
    }
}
