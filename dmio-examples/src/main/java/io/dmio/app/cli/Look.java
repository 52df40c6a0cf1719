package io.dmio.app.cli;

/**
 * What an output can show. Marks that are not ASCII are used only if the locale is UTF-8, colour only on a terminal and without
 * {@code NO_COLOR}.
 *
 * @param terminal whether a person watches, and lines may be redrawn
 * @param colour whether escape sequences for colour are wanted
 * @param unicode whether more than ASCII can be shown
 * @param columns how wide it is, at most 80 used
 */
public record Look(boolean terminal, boolean colour, boolean unicode, int columns) {

    /** The look for pipes, files and tests. */
    public static final Look PLAIN = new Look(false, false, false, 80);

    public String good(String text) {
        return paint(text, "32");
    }

    public String bad(String text) {
        return paint(text, "1;31");
    }

    public String strong(String text) {
        return paint(text, "1");
    }

    public String faint(String text) {
        return paint(text, "2");
    }

    /** Returns the first mark if it can be shown, otherwise the second. */
    public String mark(String unicodeMark, String asciiMark) {
        return unicode ? unicodeMark : asciiMark;
    }

    private String paint(String text, String code) {
        return colour ? "\u001b[" + code + "m" + text + "\u001b[0m" : text;
    }
}
