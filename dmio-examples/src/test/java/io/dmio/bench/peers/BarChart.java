package io.dmio.bench.peers;

import java.util.List;
import java.util.Locale;

/**
 * Horizontal bars with least-to-most whiskers as one self-contained SVG. It has a ground of its own, light or dark as the
 * reader's browser prefers, so the page around it does not matter.
 */
record BarChart(String title, List<Bar> bars) {

    /** One bar; {@code ours} has the strong colour. */
    record Bar(String label, Runs runs, String note, boolean ours) {}

    private static final int WIDTH = 860;
    private static final int LABELS_END = 250;
    private static final int BARS_WIDTH = 400;
    private static final int TOP = 44;
    private static final int ROW = 28;

    private static final String STYLE = """
            <style>
            .ground{fill:#ffffff;stroke:#d0d7de}
            text{font:13px system-ui,sans-serif;fill:#1f2328}
            .title{font-weight:600;font-size:14px}
            .ours{fill:#1a7f64}
            .theirs{fill:#9aa7b4}
            .whisker{stroke:#1f2328;stroke-width:1.5;fill:none}
            @media (prefers-color-scheme:dark){
            .ground{fill:#0d1117;stroke:#3d444d}
            text{fill:#e6edf3}
            .ours{fill:#2fb38f}
            .theirs{fill:#5b6672}
            .whisker{stroke:#e6edf3}
            }
            </style>
            """;

    String svg() {
        int height = TOP + bars.size() * ROW + 14;
        StringBuilder svg = new StringBuilder(String.format(
                Locale.ROOT,
                "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\" role=\"img\">%n",
                WIDTH,
                height,
                WIDTH,
                height));
        svg.append("<title>").append(escape(title)).append("</title>\n").append(STYLE);
        svg.append(String.format(
                Locale.ROOT,
                "<rect class=\"ground\" x=\".5\" y=\".5\" width=\"%d\" height=\"%d\" rx=\"6\"/>%n",
                WIDTH - 1,
                height - 1));
        svg.append(text(16, 26, "class=\"title\"", title));
        double most = bars.stream().mapToDouble(bar -> bar.runs().most()).max().orElse(1);
        for (int i = 0; i < bars.size(); i++) {
            svg.append(bar(bars.get(i), TOP + i * ROW, BARS_WIDTH / most));
        }
        return svg.append("</svg>\n").toString();
    }

    private static String bar(Bar bar, int y, double scale) {
        double median = LABELS_END + bar.runs().median() * scale;
        double least = LABELS_END + bar.runs().least() * scale;
        double most = LABELS_END + bar.runs().most() * scale;
        int middle = y + ROW / 2;
        return text(LABELS_END - 8, middle + 4, "text-anchor=\"end\"", bar.label())
                + String.format(
                        Locale.ROOT,
                        "<rect class=\"%s\" x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"%d\"/>%n",
                        bar.ours() ? "ours" : "theirs",
                        LABELS_END,
                        y + 5,
                        median - LABELS_END,
                        ROW - 10)
                + String.format(
                        Locale.ROOT,
                        "<path class=\"whisker\" d=\"M%.1f %dv8M%.1f %dv8M%.1f %dH%.1f\"/>%n",
                        least,
                        middle - 4,
                        most,
                        middle - 4,
                        least,
                        middle,
                        most)
                + text((int) most + 8, middle + 4, "", value(bar));
    }

    private static String value(Bar bar) {
        String value = String.format(Locale.ROOT, "%,.0f", bar.runs().median());
        return bar.note().isEmpty() ? value : value + " · " + bar.note();
    }

    private static String text(int x, int y, String attributes, String text) {
        return String.format(Locale.ROOT, "<text x=\"%d\" y=\"%d\" %s>%s</text>%n", x, y, attributes, escape(text));
    }

    private static String escape(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }
}
