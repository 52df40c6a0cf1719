package io.dmio.app.chart;

import java.util.ArrayList;
import java.util.List;

/** The names of a chart's solid lines beside their colours, in as many rows as they need. */
final class Legend {

    private static final double ROW = 18;
    private static final double SWATCH = 20;
    private static final double GAP = 18;
    private static final double CHARACTER = 6.5; // of 11 px sans-serif; rather more than less

    private final List<List<Series>> rows = new ArrayList<>();

    Legend(List<Series> series, double width) {
        double used = width;
        for (Series one : series.stream().filter(line -> !line.dashed()).toList()) {
            double needed = width(one);
            if (rows.isEmpty() || used + needed > width) {
                rows.add(new ArrayList<>());
                used = 0;
            }
            rows.get(rows.size() - 1).add(one);
            used += needed;
        }
    }

    double height() {
        return ROW * rows.size();
    }

    void draw(Svg svg, Point topLeft) {
        double y = topLeft.y() + ROW / 2;
        for (List<Series> row : rows) {
            double x = topLeft.x();
            for (Series one : row) {
                Point middle = new Point(x + SWATCH / 2, y);
                svg.line(new Point(x, y), new Point(x + SWATCH, y), Style.line(one));
                svg.dot(middle, Style.dot(one), one.name());
                svg.text(new Point(x + SWATCH + 6, y + 4), "legend", one.name());
                x += width(one);
            }
            y += ROW;
        }
    }

    private static double width(Series series) {
        return SWATCH + 6 + series.name().length() * CHARACTER + GAP;
    }
}
