package io.dmio.app.chart;

/**
 * The style of charts. Each is on a card of its own colour, so that it fits any page, and readers who like dark pages get dark cards.
 * Colour-blind readers can tell the line colours apart, too (after Okabe and Ito).
 */
public final class Style {

    private static final String[] LIGHT = {
        "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#b38600", "#3a9bd0", "#7a5195", "#6b6b6b"
    };
    private static final String[] DARK = {
        "#4db2ff", "#ff8a3d", "#2fd6a5", "#f0a3cb", "#f0c030", "#9bdcff", "#bd9be0", "#b5b5b5"
    };

    private Style() {}

    /**
     * Returns the style sheet for the classes used here, and for {@code heading}, {@code note} and {@code page}.
     *
     * @return CSS
     */
    public static String sheet() {
        return """
                text { font-family: system-ui, "Segoe UI", Helvetica, Arial, "DejaVu Sans", sans-serif; font-size: 11px; }
                polyline { fill: none; stroke-linejoin: round; }
                .heading { font-size: 18px; font-weight: 600; }
                .title { font-size: 13px; font-weight: 600; }
                .mark-x, .label { text-anchor: middle; }
                .mark-y { text-anchor: end; }
                .grid { stroke-width: 1; }
                .line { stroke-width: 2; }
                .dashed { stroke-width: 2; stroke-dasharray: 5 4; }
                """
                + theme(LIGHT, new String[] {"#ffffff", "#f4f6f8", "#1f2328", "#59636e", "#d9dee3"})
                + "@media (prefers-color-scheme: dark) {\n"
                + theme(DARK, new String[] {"#0d1117", "#161b22", "#e6edf3", "#9aa4af", "#30363d"})
                + "}\n";
    }

    private static String theme(String[] lines, String[] page) {
        StringBuilder css = new StringBuilder();
        css.append(".page { fill: ").append(page[0]).append("; }\n");
        css.append(".card { fill: ").append(page[1]).append("; }\n");
        css.append("text { fill: ").append(page[2]).append("; }\n");
        css.append(".mark-x, .mark-y, .label, .note { fill: ").append(page[3]).append("; }\n");
        css.append(".grid { stroke: ").append(page[4]).append("; }\n");
        for (int i = 0; i < lines.length; i++) {
            css.append(".line.c%d, .dashed.c%d { stroke: %s; }\n".formatted(i, i, lines[i]));
            css.append(".dot.c%d { fill: %s; }\n".formatted(i, lines[i]));
        }
        return css.toString();
    }

    static String line(Series series) {
        return (series.dashed() ? "dashed " : "line ") + colour(series);
    }

    static String dot(Series series) {
        return "dot " + colour(series);
    }

    private static String colour(Series series) {
        return "c" + series.colour() % LIGHT.length;
    }
}
