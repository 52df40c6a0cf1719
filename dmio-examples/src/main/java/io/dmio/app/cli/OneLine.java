package io.dmio.app.cli;

/**
 * Makes one line for a log or a terminal of text that others have chosen, such as file names, what a disk says about itself, and errors of
 * servers. The text can neither end the line, so that the rest would be taken for another line, nor move the terminal's cursor or reverse its
 * writing direction.
 */
public final class OneLine {

    private OneLine() {}

    /**
     * Makes a line of a text.
     *
     * @param text of any kind
     * @return the text with a blank in place of each line end and the blanks around it, and with other invisible characters as backslash, u
     *     and their number
     */
    public static String of(String text) {
        String line = text.replaceAll("\\s*\\R\\s*", " ");
        if (line.codePoints().noneMatch(OneLine::isUnseen)) {
            return line;
        }
        StringBuilder seen = new StringBuilder();
        line.codePoints().forEach(one -> {
            if (isUnseen(one)) {
                seen.append(String.format("\\u%04x", one));
            } else {
                seen.appendCodePoint(one);
            }
        });
        return seen.toString();
    }

    private static boolean isUnseen(int codePoint) {
        return switch (Character.getType(codePoint)) {
            case Character.CONTROL, Character.FORMAT, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR -> true;
            case Character.SURROGATE -> true; // half of a pair: a byte that is not a character, see FilePath
            default -> false;
        };
    }
}
