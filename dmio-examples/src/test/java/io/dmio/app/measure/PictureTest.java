package io.dmio.app.measure;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.app.chart.LineChart;
import io.dmio.app.chart.Series;
import io.dmio.app.chart.Xml;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;

class PictureTest {

    @Test
    void anEngineWithThreeDepthsIsALineInThroughputAndTwoInLatency() {
        List<LineChart> charts = new Picture(depths("uring", "posix")).charts();
        assertThat(charts)
                .extracting(LineChart::title)
                .containsExactly("Random write, 1 leg: throughput", "Random write, 1 leg: latency");
        assertThat(charts.get(0).series()).extracting(Series::name).containsExactly("uring, 4 KiB", "posix, 4 KiB");
        assertThat(charts.get(1).series()).extracting(Series::dashed).containsExactly(false, false, true, true);
        assertThat(charts.get(1).series()).extracting(Series::colour).containsExactly(0, 1, 0, 1);
    }

    @Test
    void severalLegCountsAtOneDepthAreAChartOfLegs() {
        List<Result> results = depths("uring");
        results.add(Samples.result(Samples.variant("uring", 32).withLegs(3), 50_000));
        assertThat(new Picture(results).charts())
                .extracting(LineChart::title)
                .endsWith("Random write, depth 32: throughput")
                .hasSize(3);
    }

    @Test
    void whatHasOnePointIsNotDrawn() {
        Result single = Samples.result(Samples.variant("uring", 8), 1000);
        assertThat(new Picture(List.of(single)).charts()).isEmpty();
        Result broken = new Result(Samples.variant("uring", 32), List.of(Samples.broken("EIO")));
        assertThat(new Picture(List.of(single, broken)).charts()).isEmpty();
        Xml.parse(new Picture(List.of(single)).svg("nothing", ""));
    }

    @Test
    void severalBlockSizesAreComparedByBytes() {
        List<Result> results = depths("uring");
        for (int depth : new int[] {1, 8, 32}) {
            results.add(Samples.result(new Variant("uring", 1, Workload.WRITE, Access.RANDOM, 1 << 20, depth), 900));
        }
        String svg = new Picture(results).svg("h", "n");
        assertThat(svg).contains("MB/s, sum of the legs").doesNotContain("leg operations per second");
    }

    @Test
    void thePictureIsWellFormedWithALineForEachSeries() {
        List<Result> results = depths("uring", "posix");
        Document svg = Xml.parse(new Picture(results).svg("<&\"heading\"> " + "x".repeat(200), "µs & more"));
        assertThat(Xml.classes(svg, "polyline", "line c0"))
                .as("two charts and two legends")
                .isEqualTo(4);
        assertThat(Xml.classes(svg, "polyline", "line c1")).isEqualTo(4);
        assertThat(Xml.classes(svg, "polyline", "dashed c0")).isEqualTo(1);
        assertThat(Xml.classes(svg, "rect", "card")).isEqualTo(2);
        assertThat(Xml.texts(svg)).contains("µs & more", "requests in flight (depth)", "leg operations per second");
    }

    private static List<Result> depths(String... engines) {
        List<Result> results = new ArrayList<>();
        for (String engine : engines) {
            for (int depth : new int[] {32, 1, 8}) {
                results.add(Samples.result(Samples.variant(engine, depth), 10_000L * depth));
            }
        }
        return results;
    }
}
