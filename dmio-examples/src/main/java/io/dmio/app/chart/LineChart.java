package io.dmio.app.chart;

import java.util.List;

/**
 * A chart of lines: title, axes with units, grid, dots that tell their values when pointed at, and a legend below.
 *
 * @param title what it shows
 * @param x the axis to the right
 * @param y the axis upwards
 * @param series the lines
 */
public record LineChart(String title, Axis x, Axis y, List<Series> series) {

    private static final double LEFT = 68;
    private static final double TOP = 44;
    private static final double RIGHT = 28;
    private static final double BELOW = 54; // marks and label of the x axis
    private static final double MARK_CHARACTER = 7;

    /**
     * Draws the chart on a card.
     *
     * @param svg where it is written
     * @param card the place of the card
     */
    public void draw(Svg svg, Box card) {
        Legend legend = new Legend(series, card.width() - LEFT - RIGHT);
        Box plot = card.inside(LEFT, TOP, RIGHT, BELOW + legend.height());
        svg.rectangle(card, "card");
        svg.text(new Point(card.x() + 18, card.y() + 26), "title", title);
        drawRight(svg, plot);
        drawUp(svg, plot);
        svg.text(new Point(plot.x() + plot.width() / 2, plot.bottom() + 38), "label", x.label());
        svg.uprightText(new Point(card.x() + 18, plot.y() + plot.height() / 2), "label", y.label());
        legend.draw(svg, new Point(plot.x(), plot.bottom() + 46));
        series.forEach(one -> draw(svg, plot, one));
    }

    private void drawUp(Svg svg, Box plot) {
        for (double mark : y.marks()) {
            double at = plot.bottom() - y.position(mark) * plot.height();
            svg.line(new Point(plot.x(), at), new Point(plot.right(), at), "grid");
            svg.text(new Point(plot.x() - 8, at + 4), "mark-y", Axis.text(mark));
        }
    }

    private void drawRight(Svg svg, Box plot) {
        double free = Double.NEGATIVE_INFINITY;
        for (double mark : x.marks()) {
            double at = plot.x() + x.position(mark) * plot.width();
            svg.line(new Point(at, plot.y()), new Point(at, plot.bottom()), "grid");
            double half = Axis.text(mark).length() * MARK_CHARACTER / 2;
            if (at - half >= free) { // a number that would touch the last one is left out; its line stays
                svg.text(new Point(at, plot.bottom() + 18), "mark-x", Axis.text(mark));
                free = at + half;
            }
        }
    }

    private void draw(Svg svg, Box plot, Series one) {
        List<Point> places =
                one.points().stream().map(value -> place(plot, value)).toList();
        svg.path(places, Style.line(one));
        for (int i = 0; i < places.size(); i++) {
            Point value = one.points().get(i);
            svg.dot(
                    places.get(i),
                    Style.dot(one),
                    one.name() + " at " + Axis.text(value.x()) + ": " + Axis.text(value.y()));
        }
    }

    private Point place(Box plot, Point value) {
        return new Point(
                plot.x() + x.position(value.x()) * plot.width(), plot.bottom() - y.position(value.y()) * plot.height());
    }
}
