package io.dmio.app.chart;

/**
 * A place in a picture, or a value of a series.
 *
 * @param x to the right
 * @param y downwards in a picture, upwards in a chart
 */
public record Point(double x, double y) {}
