package io.dmio.app.chart;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Writes SVG primitives one after the other. Looks come from the classes of a style sheet; text is escaped here. */
public final class Svg {

    private final StringBuilder text = new StringBuilder();

    /**
     * Starts a picture.
     *
     * @param width in pixels
     * @param height in pixels
     * @param style CSS; has no {@code <} or {@code &}
     */
    public Svg(int width, int height, String style) {
        text.append("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"")
                .append(width)
                .append("\" height=\"")
                .append(height)
                .append("\" viewBox=\"0 0 ")
                .append(width)
                .append(' ')
                .append(height)
                .append("\">\n<style>\n")
                .append(style)
                .append("</style>\n");
    }

    /**
     * Draws a rectangle with slightly round corners.
     *
     * @param box where
     * @param look its class
     */
    public void rectangle(Box box, String look) {
        text.append("<rect class=\"%s\" x=\"%s\" y=\"%s\" width=\"%s\" height=\"%s\" rx=\"6\"/>\n"
                .formatted(look, number(box.x()), number(box.y()), number(box.width()), number(box.height())));
    }

    /**
     * Draws a straight line.
     *
     * @param from one end
     * @param to the other
     * @param look its class
     */
    public void line(Point from, Point to, String look) {
        path(List.of(from, to), look);
    }

    /**
     * Draws straight lines from point to point.
     *
     * @param points at least two
     * @param look its class
     */
    public void path(List<Point> points, String look) {
        String places = points.stream()
                .map(point -> number(point.x()) + "," + number(point.y()))
                .collect(Collectors.joining(" "));
        text.append("<polyline class=\"%s\" points=\"%s\"/>\n".formatted(look, places));
    }

    /**
     * Draws a dot that tells something when pointed at.
     *
     * @param at its middle
     * @param look its class
     * @param tip what it tells
     */
    public void dot(Point at, String look, String tip) {
        text.append("<circle class=\"%s\" cx=\"%s\" cy=\"%s\" r=\"3.5\"><title>%s</title></circle>\n"
                .formatted(look, number(at.x()), number(at.y()), escaped(tip)));
    }

    /**
     * Writes a line of text.
     *
     * @param at its base line's start, middle or end, as the class says
     * @param look its class
     * @param words what it says
     */
    public void text(Point at, String look, String words) {
        text.append("<text class=\"%s\" x=\"%s\" y=\"%s\">%s</text>\n"
                .formatted(look, number(at.x()), number(at.y()), escaped(words)));
    }

    /**
     * Writes a line of text that is read upwards.
     *
     * @param at its middle
     * @param look its class
     * @param words what it says
     */
    public void uprightText(Point at, String look, String words) {
        String place = number(at.x()) + " " + number(at.y());
        text.append("<text class=\"%s\" transform=\"translate(%s) rotate(-90)\">%s</text>\n"
                .formatted(look, place, escaped(words)));
    }

    /**
     * Ends the picture.
     *
     * @return the whole picture, to be written in UTF-8
     */
    public String end() {
        return text + "</svg>\n";
    }

    private static String number(double value) {
        String number = String.format(Locale.ROOT, "%.1f", value);
        return number.endsWith(".0") ? number.substring(0, number.length() - 2) : number;
    }

    private static String escaped(String words) {
        return words.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }
}
