package io.dmio.site;

import java.util.Locale;

/** Writes an SVG element for a page, whose style sheet says what the classes look like; text is escaped here. */
final class Drawing {

    /**
     * Where a text is.
     *
     * @param x of its anchor
     * @param y of its base line
     * @param anchor which of its ends is there, as SVG calls it
     */
    record At(double x, double y, String anchor) {

        static At start(double x, double y) {
            return new At(x, y, "start");
        }

        static At middle(double x, double y) {
            return new At(x, y, "middle");
        }

        static At end(double x, double y) {
            return new At(x, y, "end");
        }
    }

    private final StringBuilder text = new StringBuilder();
    private final Picture picture;

    Drawing(Picture picture) {
        this.picture = picture;
    }

    void rectangle(String look, double x, double y, Size size) {
        text.append("<rect class=\"%s\" x=\"%s\" y=\"%s\" width=\"%s\" height=\"%s\" rx=\"5\"/>\n"
                .formatted(look, number(x), number(y), number(size.width()), number(size.height())));
    }

    /** A circle with one letter in it. */
    void marble(double x, double y, char letter) {
        text.append("<circle class=\"marble\" cx=\"%s\" cy=\"%s\" r=\"11\"/>\n".formatted(number(x), number(y)));
        words("letter", At.middle(x, y + 4.5), String.valueOf(letter));
    }

    /** A path by SVG's own commands. */
    void path(String look, String commands) {
        text.append("<path class=\"%s\" d=\"%s\"/>\n".formatted(look, commands));
    }

    void words(String look, At at, String words) {
        text.append("<text class=\"%s\" x=\"%s\" y=\"%s\" text-anchor=\"%s\">%s</text>\n"
                .formatted(look, number(at.x()), number(at.y()), at.anchor(), Html.escaped(words)));
    }

    /**
     * Ends the picture.
     *
     * @param size of all of it
     * @return the element
     */
    String end(Size size) {
        String id = Integer.toHexString(picture.hashCode());
        return """
                <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %s %s" style="width: %spx; min-width: min(%spx, 42rem)" role="img" aria-labelledby="t%s d%s">
                <title id="t%s">%s</title>
                <desc id="d%s">%s</desc>
                <defs><marker id="head%s" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto-start-reverse">\
                <path class="head" d="M0 0 8 4 0 8z"/></marker></defs>
                %s</svg>
                """.formatted(
                        number(size.width()),
                        number(size.height()),
                        number(size.width()),
                        number(size.width()),
                        id,
                        id,
                        id,
                        Html.escaped(picture.title()),
                        id,
                        Html.escaped(picture.text()),
                        id,
                        text.toString().replace("class=\"way", "marker-end=\"url(#head" + id + ")\" class=\"way"));
    }

    static String number(double value) {
        String number = String.format(Locale.ROOT, "%.1f", value);
        return number.endsWith(".0") ? number.substring(0, number.length() - 2) : number;
    }

    /**
     * In pixels.
     *
     * @param width to the right
     * @param height downwards
     */
    record Size(double width, double height) {}
}
