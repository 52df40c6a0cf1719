package io.dmio.app.cli;

/**
 * Text that others have chosen, such as names of files, what a disk says of itself, and errors of servers, as a line of a log or a terminal.
 * It neither ends the line, so that the rest would be taken for another one, nor moves the terminal's cursor or turns its writing round.
 */
public final class OneLine {

    private OneLine() {}

    /**
     * Makes a line of it.
     *
     * @param text of any kind
     * @return the same with a blank in place of each end of a line and what is blank around it, and other characters that cannot be seen as
     *     backslash, u and their number
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
            case Character.SURROGATE -> true; // half of a pair: a byte that is no character, as FilePath has it
            default -> false;
        };
    }
}
