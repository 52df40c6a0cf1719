package io.dmio.site;

import io.dmio.site.Drawing.At;
import io.dmio.site.Drawing.Size;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What happens beside each other, in time from left to right. A row is a name, two spaces or more, and its time line, of which each
 * column is as long as any other:
 *
 * <pre>
 *     write     w-------------r|
 *     region 0   [=====]
 *     region 1   [===!
 *                              r is 0b10
 * </pre>
 *
 * {@code -} time passes, {@code ~} it waits, {@code [==]} something is in flight, {@code [==!} and fails, {@code [==>} and goes on; words
 * may stand inside. A letter is a value, {@code |} the end, {@code X} a cancel or an error. A row without a name has notes.
 */
final class MarblePicture {

    private static final double COLUMN = 13;
    private static final double ROW = 40;
    private static final double NOTES = 22;

    private static final Pattern NAMED = Pattern.compile("(\\S(?:\\S| (?! ))*) {2,}(?=\\S)");
    private static final Pattern BAR = Pattern.compile("\\[([^]!>]*)([]!>])");
    private static final Pattern LIFE = Pattern.compile("[^ ]+");
    private static final Pattern NOTE = Pattern.compile("\\S(?:\\S| (?! ))*");

    private final Drawing drawing;
    private final double left;
    private final int origin;

    private MarblePicture(Picture picture) {
        this.drawing = new Drawing(picture);
        this.origin = picture.lines().stream()
                .map(NAMED::matcher)
                .filter(Matcher::lookingAt)
                .mapToInt(Matcher::end)
                .min()
                .orElseThrow(() -> new IllegalArgumentException("no row has a name: " + picture));
        int longest = picture.lines().stream()
                .map(NAMED::matcher)
                .filter(Matcher::lookingAt)
                .mapToInt(name -> name.group(1).length())
                .max()
                .orElse(0);
        this.left = 24 + longest * 7.6;
    }

    static String svg(Picture picture) {
        MarblePicture marble = new MarblePicture(picture);
        double y = 8;
        double right = 0;
        for (String line : picture.lines()) {
            Matcher name = NAMED.matcher(line);
            if (name.lookingAt()) {
                marble.row(name.group(1), " ".repeat(name.end()) + line.substring(name.end()), y + ROW / 2);
                y += ROW;
                right = Math.max(right, marble.x(line.length()));
            } else {
                right = Math.max(right, marble.notes(line, y + 11));
                y += NOTES;
            }
        }
        return marble.drawing.end(new Size(right + 14, y + 8));
    }

    private double x(int column) {
        return left + (column - origin + 0.5) * COLUMN;
    }

    private void row(String name, String line, double y) {
        drawing.words("name", At.start(8, y + 4.5), name);
        Matcher bar = BAR.matcher(line);
        StringBuilder rest = new StringBuilder(line);
        while (bar.find()) {
            rest.replace(bar.start(), bar.end(), " ".repeat(bar.end() - bar.start()));
        }
        Matcher life = LIFE.matcher(rest);
        while (life.find()) {
            life(life.group(), life.start(), y);
        }
        bar.reset();
        while (bar.find()) {
            bar(bar, y);
        }
    }

    private void bar(Matcher bar, double y) {
        double from = x(bar.start()) - COLUMN / 2;
        double to = x(bar.end()) - COLUMN / 2;
        String look = switch (bar.group(2)) {
            case "!" -> "bar bad";
            case ">" -> "bar open";
            default -> "bar";
        };
        drawing.rectangle(look, from, y - 12, new Size(to - from, 24));
        String words = bar.group(1).replace("=", " ").strip();
        drawing.words("inside", At.middle((from + to) / 2, y + 4), words);
    }

    private void life(String signs, int at, double y) {
        for (int i = 0; i + 1 < signs.length(); i++) {
            boolean waits = signs.charAt(i) == '~' || (i == 0 && signs.charAt(1) == '~');
            drawing.path(
                    waits ? "waits" : "life",
                    "M%s %sH%s".formatted(number(x(at + i)), number(y), number(x(at + i + 1))));
        }
        for (int i = 0; i < signs.length(); i++) {
            double x = x(at + i);
            char sign = signs.charAt(i);
            if (sign == '|') {
                drawing.path("end", "M%s %sv20".formatted(number(x), number(y - 10)));
            } else if (sign == 'X') {
                drawing.path("cross", "M%s %sl14 14m0 -14l-14 14".formatted(number(x - 7), number(y - 7)));
            } else if (Character.isLowerCase(sign) || Character.isDigit(sign)) {
                drawing.marble(x, y, sign);
            } else if (sign != '-' && sign != '~') {
                throw new IllegalArgumentException("a time line has no '" + sign + "': " + signs);
            }
        }
    }

    private double notes(String line, double y) {
        Matcher note = NOTE.matcher(line);
        double right = 0;
        while (note.find()) {
            drawing.words("note", At.start(x(note.start()) - COLUMN / 2, y), note.group());
            right = x(note.start()) + note.group().length() * 6.6;
        }
        return right;
    }

    private static String number(double value) {
        return Drawing.number(value);
    }
}
