package io.dmio.app.measure;

import io.dmio.app.chart.Box;
import io.dmio.app.chart.LineChart;
import io.dmio.app.chart.Point;
import io.dmio.app.chart.Style;
import io.dmio.app.chart.Svg;
import io.dmio.app.measure.Variant.Scope;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * A picture of results: throughput and latency against depth for each scope, and throughput against legs if several were measured. A line
 * keeps its colour in all charts.
 */
public final class Picture {

    private static final int WIDTH = 1120;
    private static final int CARD_HEIGHT = 380;
    private static final int GAP = 16;
    private static final int HEAD = 72;
    private static final int HEADING_MAX = 100; // characters that fit

    private final List<Result> results;
    private final List<Lines.Key> colours;

    /** What the lines of a chart of legs have in common. */
    private record Pattern(Workload work, Access access) {
        static Pattern of(Result result) {
            return new Pattern(result.variant().work(), result.variant().access());
        }
    }

    /**
     * Creates a picture of results.
     *
     * @param results broken ones are left out
     */
    public Picture(List<Result> results) {
        this.results = results.stream()
                .filter(result -> !result.broken() && result.requests() > 0)
                .toList();
        this.colours = this.results.stream().map(Lines.Key::of).distinct().toList();
    }

    /**
     * Returns the charts for which there are at least two points.
     *
     * @return the charts in the order in which they are drawn
     */
    public List<LineChart> charts() {
        List<LineChart> charts = new ArrayList<>();
        grouped(results, result -> result.variant().scope())
                .forEach((scope, among) -> charts.addAll(againstDepth(scope, among)));
        grouped(results, Pattern::of)
                .forEach((pattern, among) -> againstLegs(pattern, among).ifPresent(charts::add));
        return charts;
    }

    /**
     * Draws all charts in two columns.
     *
     * @param heading the title
     * @param note a line below the title, such as the machine
     * @return SVG
     */
    public String svg(String heading, String note) {
        List<LineChart> charts = charts();
        int rows = (charts.size() + 1) / 2;
        int height = HEAD + rows * (CARD_HEIGHT + GAP);
        Svg svg = new Svg(WIDTH, height, Style.sheet());
        svg.rectangle(new Box(0, 0, WIDTH, height), "page");
        svg.text(new Point(GAP, 34), "heading", shortened(heading));
        svg.text(new Point(GAP, 56), "note", note);
        double width = (WIDTH - 3.0 * GAP) / 2;
        for (int i = 0; i < charts.size(); i++) {
            double left = GAP + i % 2 * (width + GAP);
            int top = HEAD + i / 2 * (CARD_HEIGHT + GAP);
            charts.get(i).draw(svg, new Box(left, top, width, CARD_HEIGHT));
        }
        return svg.end();
    }

    private List<LineChart> againstDepth(Scope scope, List<Result> among) {
        Lines lines = new Lines(among, result -> result.variant().depth(), colours);
        String title = title(scope.access() + " " + scope.work() + ", " + legs(scope.legs()));
        String depth = "requests in flight (depth)";
        return lines.isEmpty() ? List.of() : List.of(lines.throughput(title, depth), lines.latency(title, depth));
    }

    /** Returns a chart at the depth that has the most lines; at the deepest of several such. */
    private Optional<LineChart> againstLegs(Pattern pattern, List<Result> among) {
        return grouped(among, result -> result.variant().depth()).entrySet().stream()
                .sorted(Map.Entry.comparingByKey(Comparator.reverseOrder()))
                .map(depth -> Map.entry(
                        depth.getKey(),
                        new Lines(depth.getValue(), result -> result.variant().legs(), colours)))
                .filter(depth -> !depth.getValue().isEmpty())
                .reduce((one, other) ->
                        other.getValue().count() > one.getValue().count() ? other : one)
                .map(depth -> {
                    String title = title(pattern.access() + " " + pattern.work() + ", depth " + depth.getKey());
                    return depth.getValue().throughput(title, "legs");
                });
    }

    /** Groups results, in the order of the groups' first results. */
    private static <K> Map<K, List<Result>> grouped(List<Result> results, Function<Result, K> by) {
        return results.stream().collect(Collectors.groupingBy(by, LinkedHashMap::new, Collectors.toList()));
    }

    private static String shortened(String heading) {
        return heading.length() <= HEADING_MAX ? heading : heading.substring(0, HEADING_MAX - 1) + "…";
    }

    private static String legs(int count) {
        return count == 1 ? "1 leg" : count + " legs";
    }

    private static String title(String words) {
        return words.substring(0, 1).toUpperCase(Locale.ROOT) + words.substring(1);
    }
}
