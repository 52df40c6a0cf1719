package io.dmio.app.chart;

/**
 * A rectangle in a picture.
 *
 * @param x its left
 * @param y its top
 * @param width to the right
 * @param height downwards
 */
public record Box(double x, double y, double width, double height) {

    double right() {
        return x + width;
    }

    double bottom() {
        return y + height;
    }

    /** Returns what is left inside margins. */
    Box inside(double left, double top, double right, double bottom) {
        return new Box(x + left, y + top, width - left - right, height - top - bottom);
    }
}
