package io.dmio.app.chart;

import java.util.Comparator;
import java.util.List;

/**
 * One line of a chart.
 *
 * @param name for the legend
 * @param points sorted by x here
 * @param colour a number; the same number is the same colour in every chart
 * @param dashed whether it belongs to the solid line of its colour, which then stands for both in the legend
 */
public record Series(String name, List<Point> points, int colour, boolean dashed) {

    /** Sorts the points. */
    public Series {
        points = points.stream().sorted(Comparator.comparingDouble(Point::x)).toList();
    }
}
