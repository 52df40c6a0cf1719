package io.dmio.shown;

import java.util.ArrayList;
import java.util.List;

/** Takes what a page shows for a shell apart, as far as pages go: words, quotes, lines that go on, and one command after another. */
final class Shell {

    private final String text;
    private final List<List<String>> commands = new ArrayList<>();
    private List<String> words = new ArrayList<>();
    private StringBuilder word = new StringBuilder();
    private boolean begun;

    private Shell(String text) {
        this.text = text;
    }

    /** The commands of a block. Where lines begin with {@code $}, the others are what these say. */
    static List<List<String>> commands(List<String> lines) {
        boolean session = lines.get(0).startsWith("$ ");
        List<String> joined = new ArrayList<>();
        boolean goesOn = false;
        for (String line : lines) {
            if (goesOn) {
                joined.set(joined.size() - 1, joined.get(joined.size() - 1) + line.strip());
            } else if (!session || line.startsWith("$ ")) {
                joined.add(session ? line.substring(2) : line);
            } else {
                continue;
            }
            goesOn = line.endsWith("\\");
            String last = joined.get(joined.size() - 1);
            joined.set(joined.size() - 1, goesOn ? last.substring(0, last.length() - 1) : last);
        }
        return joined.stream().flatMap(line -> of(line).stream()).toList();
    }

    /** The commands of a line: words without their quotes. */
    static List<List<String>> of(String line) {
        return new Shell(line).parse();
    }

    private List<List<String>> parse() {
        char quote = 0;
        for (int i = 0; i < text.length(); i++) {
            char letter = text.charAt(i);
            if (quote != 0) {
                if (letter == quote) {
                    quote = 0;
                } else {
                    word.append(letter);
                }
            } else if (letter == '\'' || letter == '"') {
                quote = letter;
                begun = true;
            } else if (letter == '#' && !begun) {
                break;
            } else if (letter == ' ') {
                endWord();
            } else if (letter == '<' || letter == '>') {
                i = endOfRedirection(i);
            } else if ("|&;".indexOf(letter) >= 0) {
                endCommand();
            } else {
                word.append(letter);
                begun = true;
            }
        }
        if (quote != 0) {
            throw new IllegalArgumentException("a quote is open: " + text);
        }
        endCommand();
        return commands;
    }

    /** Leaves out the descriptor before it and the file behind it. */
    private int endOfRedirection(int at) {
        if (word.toString().matches("\\d+")) {
            word = new StringBuilder();
            begun = false;
        }
        endWord();
        int end = at + 1;
        while (end < text.length() && "<>& ".indexOf(text.charAt(end)) >= 0) {
            end++;
        }
        while (end < text.length() && text.charAt(end) != ' ') {
            end++;
        }
        return end - 1;
    }

    private void endWord() {
        if (begun) {
            words.add(word.toString());
        }
        word = new StringBuilder();
        begun = false;
    }

    private void endCommand() {
        endWord();
        if (!words.isEmpty()) {
            commands.add(words);
        }
        words = new ArrayList<>();
    }
}
