package io.dmio.shown;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What a page shows apart from its text: between fences, or moved in by four.
 *
 * @param page its file's name
 * @param number of its first line
 * @param language of the fence; empty if it is moved in
 * @param lines without what moves them in
 */
record Block(String page, int number, String language, List<String> lines) {

    private static final Path ROOT = Path.of("..");
    private static final Pattern COMMENT = Pattern.compile("(?s)<!--.*?-->");

    /** Of the README, CONTRIBUTING and all pages in docs/. */
    static List<Block> all() {
        return pages().stream().flatMap(page -> of(page).stream()).toList();
    }

    /** The pages. */
    static List<Path> pages() {
        try (Stream<Path> files = Files.list(ROOT.resolve("docs"))) {
            return Stream.concat(
                            Stream.of("README.md", "CONTRIBUTING.md").map(ROOT::resolve),
                            files.filter(file -> file.toString().endsWith(".md"))
                                    .sorted())
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static String text(Path page) {
        try {
            return Files.readString(page);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<Block> of(Path page) {
        List<String> lines = COMMENT.matcher(text(page))
                .replaceAll(comment -> comment.group().replaceAll("[^\n]", ""))
                .lines()
                .toList();
        List<Block> found = new ArrayList<>();
        for (int i = 0; i < lines.size(); i++) {
            boolean fenced = lines.get(i).startsWith("```");
            if (fenced || (lines.get(i).startsWith("    ") && isOutsideOfAList(lines, i))) {
                int from = fenced ? i + 1 : i;
                int to = end(lines, from, fenced);
                found.add(new Block(
                        ROOT.relativize(page).toString(),
                        i + 1,
                        fenced ? lines.get(i).substring(3) : "",
                        lines.subList(from, to).stream()
                                .map(line -> fenced || line.isBlank() ? line : line.substring(4))
                                .toList()));
                i = to;
            }
        }
        return found;
    }

    private static int end(List<String> lines, int from, boolean fenced) {
        int to = from;
        while (to < lines.size() && (fenced ? !lines.get(to).startsWith("```") : isMovedIn(lines, to))) {
            to++;
        }
        return to;
    }

    /** A blank line belongs to it if it goes on behind it. */
    private static boolean isMovedIn(List<String> lines, int at) {
        boolean goesOn = at + 1 < lines.size() && lines.get(at + 1).startsWith("    ");
        return lines.get(at).startsWith("    ") || (lines.get(at).isBlank() && goesOn);
    }

    private static boolean isOutsideOfAList(List<String> lines, int at) {
        int above = at - 1;
        while (above >= 0 && (lines.get(above).isBlank() || lines.get(above).startsWith(" "))) {
            above--;
        }
        return at > 0
                && lines.get(at - 1).isBlank()
                && (above < 0 || !lines.get(above).matches("(- |\\d+\\. ).*"));
    }

    String text() {
        return String.join("\n", lines);
    }

    @Override
    public String toString() {
        return page + ":" + number + " " + (lines.isEmpty() ? "" : lines.get(0));
    }
}
