package io.dmio.site;

import io.dmio.site.Drawing.At;
import io.dmio.site.Drawing.Size;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Boxes and what leads from one to another: the parts of something, or the states of a life. Rows of boxes first, with {@code .} for a
 * place that stays empty; then the ways. A box may say more in parentheses.
 *
 * <pre>
 *     [your service]  [DmIo (one budget)]  [mirror]
 *     .               .                    [a disk]
 *     your service -> DmIo: write
 * </pre>
 */
final class BoxPicture {

    private static final double WIDTH = 150;
    private static final double HEIGHT = 52;
    private static final double ACROSS = 76;
    private static final double DOWN = 44;
    private static final double LETTER = 6.6;

    private static final Pattern PLACE = Pattern.compile("\\[([^]]+?)(?: \\((.+?)\\))?]|\\.");
    private static final Pattern WAY = Pattern.compile("(.+?) -> (.+?)(?:: (.*))?");

    private final Drawing drawing;
    private final Map<String, Place> places = new LinkedHashMap<>();
    private final List<Way> ways = new ArrayList<>();
    private int columns;
    private int rows;
    private double margin;

    private record Place(int column, int row, String more) {

        double x() {
            return column * (WIDTH + ACROSS) + WIDTH / 2;
        }

        double y() {
            return 10 + row * (HEIGHT + DOWN) + HEIGHT / 2;
        }
    }

    private record Way(String from, String to, String label) {}

    private BoxPicture(Picture picture) {
        this.drawing = new Drawing(picture);
        for (String line : picture.lines()) {
            Matcher way = WAY.matcher(line);
            if (line.startsWith("[") || line.startsWith(".")) {
                row(line);
            } else if (way.matches()) {
                ways.add(new Way(known(way.group(1)), known(way.group(2)), way.group(3) == null ? "" : way.group(3)));
            } else {
                throw new IllegalArgumentException("neither boxes nor a way: " + line);
            }
        }
    }

    private void row(String line) {
        Matcher place = PLACE.matcher(line);
        int column = 0;
        while (place.find()) {
            String name = place.group(1);
            if (name != null) {
                places.put(name, new Place(column, rows, place.group(2) == null ? "" : place.group(2)));
            }
            column++;
        }
        columns = Math.max(columns, column);
        rows++;
    }

    private String known(String name) {
        if (!places.containsKey(name)) {
            throw new IllegalArgumentException("no box is called " + name);
        }
        return name;
    }

    static String svg(Picture picture) {
        BoxPicture boxes = new BoxPicture(picture);
        boxes.margin = 10 + boxes.ways.stream().mapToDouble(boxes::around).max().orElse(0);
        boxes.ways.forEach(boxes::draw);
        boxes.places.forEach(boxes::draw);
        double width = boxes.margin + boxes.columns * (WIDTH + ACROSS) - ACROSS + 10 + boxes.beside();
        return boxes.drawing.end(new Size(width, 20 + boxes.rows * (HEIGHT + DOWN) - DOWN));
    }

    /** How far a way goes out on the left; 0 for one that goes straight. */
    private double around(Way way) {
        int down = at(way.to()).row() - at(way.from()).row();
        boolean straight = at(way.to()).column() != at(way.from()).column() || down == 1;
        return straight ? 0 : bow(down) + way.label().length() * LETTER;
    }

    private static double bow(int down) {
        return 22 + 18 * Math.abs(down);
    }

    /** What the words at ways downwards need beside the last column. */
    private double beside() {
        return ways.stream()
                .filter(way ->
                        at(way.from()).column() == columns - 1 && at(way.to()).column() == columns - 1)
                .filter(way -> around(way) == 0)
                .mapToDouble(way -> Math.max(0, 10 + way.label().length() * LETTER - WIDTH / 2))
                .max()
                .orElse(0);
    }

    private double x(Place place) {
        return margin + place.x();
    }

    private void draw(String name, Place place) {
        drawing.rectangle("box", x(place) - WIDTH / 2, place.y() - HEIGHT / 2, new Size(WIDTH, HEIGHT));
        double up = place.more().isEmpty() ? 0 : 9;
        drawing.words("name", At.middle(x(place), place.y() + 4.5 - up), name);
        if (!place.more().isEmpty()) {
            drawing.words("note", At.middle(x(place), place.y() + 16), place.more());
        }
    }

    private void draw(Way way) {
        Place from = at(way.from());
        Place to = at(way.to());
        int across = to.column() - from.column();
        int down = to.row() - from.row();
        if (across == 0 && down != 1) {
            bowed(way, from, to);
        } else if (across == 0) {
            double y = from.y() + HEIGHT / 2;
            path(x(from), y, x(from), to.y() - HEIGHT / 2);
            drawing.words("note", At.start(x(from) + 10, (y + to.y() - HEIGHT / 2) / 2 + 4), way.label());
        } else {
            double side = Math.signum(across) * WIDTH / 2;
            boolean answered = across < 0
                    || ways.stream()
                            .anyMatch(other ->
                                    other.from().equals(way.to()) && other.to().equals(way.from()));
            double shift = answered ? -8 * Math.signum(across) : 0;
            path(x(from) + side, from.y() + shift, x(to) - side, to.y() + shift);
            drawing.words(
                    "note",
                    At.middle((x(from) + x(to)) / 2, (from.y() + to.y()) / 2 + shift + (across < 0 ? 16 : -6)),
                    way.label());
        }
    }

    /** On the left of a column, the farther away the more boxes it passes. */
    private void bowed(Way way, Place from, Place to) {
        double x = x(from) - WIDTH / 2;
        double out = bow(to.row() - from.row());
        double end = to.y() + 10;
        String commands = Stream.of(x - out * 1.3, from.y(), x - out * 1.3, end, x, end)
                .map(Drawing::number)
                .collect(Collectors.joining(" "));
        drawing.path("way", "M%s %sC%s".formatted(Drawing.number(x), Drawing.number(from.y()), commands));
        drawing.words("note", At.end(x - out - 4, (from.y() + end) / 2 + 4), way.label());
    }

    private void path(double x, double y, double toX, double toY) {
        drawing.path(
                "way",
                "M%s %sL%s %s"
                        .formatted(Drawing.number(x), Drawing.number(y), Drawing.number(toX), Drawing.number(toY)));
    }

    private Place at(String name) {
        Place place = places.get(name);
        if (place == null) {
            throw new IllegalArgumentException("no box is called " + name);
        }
        return place;
    }
}
