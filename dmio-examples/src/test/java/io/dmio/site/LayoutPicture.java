package io.dmio.site;

import io.dmio.site.Drawing.At;
import io.dmio.site.Drawing.Size;
import java.util.ArrayList;
import java.util.List;

/**
 * What lies beside each other, on a disk or in memory. A line is a part: its name, its weight in the picture, and a note.
 *
 * <pre>
 *     data | 8 | from sector 0: a plain image
 *     slot 0 | 2 | 4 KiB
 * </pre>
 */
final class LayoutPicture {

    private static final double WIDTH = 760;
    private static final double BAR = 46;
    private static final double LINE = 16;
    private static final double LETTER = 6.4;

    private LayoutPicture() {}

    private record Part(String name, double weight, String note) {

        static Part of(String line) {
            String[] fields = line.split("\\|", -1);
            if (fields.length != 3) {
                throw new IllegalArgumentException("a part is 'name | weight | note': " + line);
            }
            return new Part(fields[0].strip(), Double.parseDouble(fields[1].strip()), fields[2].strip());
        }
    }

    static String svg(Picture picture) {
        List<Part> parts = picture.lines().stream().map(Part::of).toList();
        double all = parts.stream().mapToDouble(Part::weight).sum();
        Drawing drawing = new Drawing(picture);
        double x = 8;
        int lines = 0;
        for (Part part : parts) {
            double width = WIDTH * part.weight() / all;
            drawing.rectangle("box", x, 8, new Size(width - 3, BAR));
            drawing.words("name", At.middle(x + width / 2, 8 + BAR / 2 + 4.5), part.name());
            List<String> note = wrapped(part.note(), (int) ((width - 6) / LETTER));
            for (int i = 0; i < note.size(); i++) {
                drawing.words("note", At.start(x + 2, 8 + BAR + (i + 1) * LINE + 2), note.get(i));
            }
            lines = Math.max(lines, note.size());
            x += width;
        }
        return drawing.end(new Size(WIDTH + 16, BAR + lines * LINE + 24));
    }

    private static List<String> wrapped(String words, int letters) {
        List<String> lines = new ArrayList<>();
        String line = "";
        for (String word : words.split(" ", -1)) {
            if (!line.isEmpty() && line.length() + 1 + word.length() > letters) {
                lines.add(line);
                line = word;
            } else {
                line = line.isEmpty() ? word : line + " " + word;
            }
        }
        if (!line.isEmpty()) {
            lines.add(line);
        }
        return lines;
    }
}
