package io.dmio.app.measure;

import io.dmio.app.chart.Axis;
import io.dmio.app.chart.LineChart;
import io.dmio.app.chart.Point;
import io.dmio.app.chart.Series;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The lines of one chart, each with the results of one engine and block size against something. Lines of a single point are left out, as they
 * show no trend.
 */
public final class Lines {

    private final Map<Key, List<Result>> lines;
    private final ToDoubleFunction<Result> x;
    private final List<Key> colours;

    /** The key of a line: what it shows. */
    record Key(String engine, int blockBytes) {
        static Key of(Result result) {
            return new Key(result.variant().engine(), result.variant().blockBytes());
        }

        @Override
        public String toString() {
            return engine + ", " + Variant.block(blockBytes);
        }
    }

    /**
     * Finds the lines.
     *
     * @param results that may share a chart
     * @param x what they are shown against
     * @param colours the keys; the place of a key is the number of its colour
     */
    Lines(List<Result> results, ToDoubleFunction<Result> x, List<Key> colours) {
        this.lines = results.stream().collect(Collectors.groupingBy(Key::of, LinkedHashMap::new, Collectors.toList()));
        this.lines
                .values()
                .removeIf(line -> line.stream().mapToDouble(x).distinct().count() < 2);
        this.x = x;
        this.colours = colours;
    }

    int count() {
        return lines.size();
    }

    boolean isEmpty() {
        return lines.isEmpty();
    }

    /** Returns a chart of operations if all blocks have one size, else of bytes, which can be compared between block sizes. */
    LineChart throughput(String title, String against) {
        boolean alike = lines.keySet().stream().map(Key::blockBytes).distinct().count() == 1;
        ToDoubleFunction<Result> rate = alike ? Result::legOpsPerSecond : result -> result.bytesPerSecond() / 1e6;
        Axis y = alike
                ? Axis.linear("leg operations per second", values(rate))
                : Axis.logarithmic("MB/s, sum of the legs", values(rate));
        return new LineChart(title + ": throughput", Axis.steps(against, values(x)), y, series(rate, "", false));
    }

    /** Returns a chart of the middle and the slow end. */
    LineChart latency(String title, String against) {
        ToDoubleFunction<Result> p50 = result -> result.latencyMicros(50);
        ToDoubleFunction<Result> p99 = result -> result.latencyMicros(99);
        List<Double> both = concat(values(p50), values(p99));
        return new LineChart(
                title + ": latency",
                Axis.steps(against, values(x)),
                Axis.logarithmic("latency in µs; p50 solid, p99 dashed", both),
                concat(series(p50, "", false), series(p99, ", p99", true)));
    }

    private List<Series> series(ToDoubleFunction<Result> y, String suffix, boolean dashed) {
        return lines.entrySet().stream()
                .map(line -> new Series(
                        line.getKey() + suffix,
                        line.getValue().stream()
                                .map(result -> new Point(x.applyAsDouble(result), y.applyAsDouble(result)))
                                .toList(),
                        colours.indexOf(line.getKey()),
                        dashed))
                .toList();
    }

    private List<Double> values(ToDoubleFunction<Result> of) {
        return lines.values().stream()
                .flatMap(List::stream)
                .map(of::applyAsDouble)
                .toList();
    }

    private static <T> List<T> concat(List<T> first, List<T> second) {
        return Stream.concat(first.stream(), second.stream()).toList();
    }
}
