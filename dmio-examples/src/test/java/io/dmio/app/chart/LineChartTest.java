package io.dmio.app.chart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.w3c.dom.Document;

class LineChartTest {

    private static final Box CARD = new Box(10, 10, 500, 360);

    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "0.5, 0.5",
        "1, 1",
        "50, 50",
        "256, 256",
        "1000, 1k",
        "1500, 1.5k",
        "20000, 20k",
        "999999, 1M",
        "1500000, 1.5M",
        "2e9, 2G"
    })
    void numbersHaveFewDigits(double value, String text) {
        assertThat(Axis.text(value)).isEqualTo(text);
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, 0.3, 1, 7, 36_020, 1e9})
    void aLinearAxisStartsAtZeroAndEndsAtARoundNumber(double most) {
        Axis axis = Axis.linear("y", List.of(most / 2, most));
        assertThat(axis.marks()).hasSizeBetween(2, 7);
        assertThat(axis.marks().get(0)).isZero();
        assertThat(axis.marks().get(axis.marks().size() - 1)).isGreaterThanOrEqualTo(most);
        assertThat(axis.position(0)).isZero();
    }

    @ParameterizedTest
    @CsvSource({"93, 17433", "1, 1", "0.02, 5000000", "50, 100"})
    void aLogarithmicAxisHoldsAllValuesBetweenItsMarks(double least, double most) {
        Axis axis = Axis.logarithmic("y", List.of(most, least));
        assertThat(axis.marks()).hasSizeBetween(2, 12);
        assertThat(axis.marks().get(0)).isLessThanOrEqualTo(least * 1.001);
        assertThat(axis.marks().get(axis.marks().size() - 1)).isGreaterThanOrEqualTo(most * 0.999);
        assertThat(axis.position(most)).isBetween(axis.position(least), 1.0);
    }

    @Test
    void equalFactorsAreEquallyFarApart() {
        Axis axis = Axis.steps("x", List.of(16.0, 1.0, 4.0, 4.0));
        assertThat(axis.marks()).containsExactly(1.0, 4.0, 16.0);
        assertThat(axis.position(4)).isCloseTo(0.5, within(1e-9));
    }

    @Test
    void everythingIsDrawnInsideOfTheCard() {
        Document svg = Xml.parse(
                draw(IntStream.range(0, 8).mapToObj(LineChartTest::series).toList()));
        assertThat(Xml.elements(svg, "text").filter(text -> text.hasAttribute("x")))
                .allSatisfy(text -> {
                    assertThat(Double.parseDouble(text.getAttribute("x"))).isBetween(CARD.x(), CARD.right());
                    assertThat(Double.parseDouble(text.getAttribute("y"))).isBetween(CARD.y(), CARD.bottom());
                });
        assertThat(Xml.elements(svg, "circle"))
                .allSatisfy(dot ->
                        assertThat(Double.parseDouble(dot.getAttribute("cy"))).isBetween(CARD.y(), CARD.bottom()));
    }

    @Test
    void dashedLinesHaveNoPlaceInTheLegend() {
        Series solid = series(0);
        Document svg = Xml.parse(draw(List.of(solid, new Series("slow", solid.points(), 0, true))));
        assertThat(Xml.texts(svg)).contains("line 0").doesNotContain("slow");
        assertThat(Xml.classes(svg, "polyline", "dashed c0")).isEqualTo(1);
    }

    @Test
    void numbersThatWouldTouchAreLeftOut() {
        List<Point> points = DoubleStream.iterate(1000, x -> x + 10)
                .limit(50)
                .mapToObj(x -> new Point(x, 1))
                .toList();
        Document svg = Xml.parse(draw(List.of(new Series("many", points, 0, false))));
        assertThat(Xml.classes(svg, "text", "mark-x")).isBetween(2L, 20L);
    }

    private static Series series(int i) {
        return new Series("line " + i, List.of(new Point(32, 100 + i), new Point(1, 5)), i, false);
    }

    private static String draw(List<Series> series) {
        List<Double> xs = series.get(0).points().stream().map(Point::x).toList();
        Svg svg = new Svg(520, 380, Style.sheet());
        new LineChart("a < b & c", Axis.steps("depth", xs), Axis.linear("ops/s", List.of(120.0)), series)
                .draw(svg, CARD);
        return svg.end();
    }
}
