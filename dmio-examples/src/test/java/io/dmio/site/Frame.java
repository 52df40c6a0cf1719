package io.dmio.site;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** What is around the text of every page: the head, the way to all others, the pages before and after. */
final class Frame {

    private static final Contents.Entry FIRST = new Contents.Entry("dmio", "README.md");

    private final Contents contents;

    Frame(Contents contents) {
        this.contents = contents;
    }

    /**
     * A page as it is written.
     *
     * @param file it is made of
     * @param title of the page
     * @param headings its sections' names by their anchors
     * @param text as HTML
     * @return all of the page
     */
    String page(String file, String title, Map<String, String> headings, String text) {
        String up = Repository.place(file).startsWith("source/") ? "../" : "";
        String name = title.equals("dmio") ? "dmio" : title + " – dmio";
        return """
                <!DOCTYPE html>
                <html lang="en">
                <head>
                <meta charset="utf-8">
                <meta name="viewport" content="width=device-width, initial-scale=1">
                <meta name="color-scheme" content="light dark">
                <title>%s</title>
                <link rel="stylesheet" href="%ssite.css">
                </head>
                <body>
                <a class="skip" href="#text">To the text</a>
                <header><a class="home" href="%sindex.html">dmio</a><a class="all" href="#pages">All pages</a></header>
                <div class="sheet">
                <main id="text">
                %s%s</main>
                <nav id="pages" aria-label="All pages">
                %s</nav>
                </div>
                </body>
                </html>
                """.formatted(Html.escaped(name), up, up, text, neighbours(file, up), list(file, headings, up));
    }

    private String list(String file, Map<String, String> headings, String up) {
        StringBuilder list = new StringBuilder();
        list.append("<ul>").append(entry(FIRST, file, headings, up)).append("</ul>\n");
        for (Contents.Section section : contents.sections()) {
            list.append("<h2>").append(Html.escaped(section.title())).append("</h2>\n<ul>\n");
            section.entries().forEach(entry -> list.append(entry(entry, file, headings, up)));
            list.append("</ul>\n");
        }
        list.append("<h2>Javadoc</h2>\n<ul>\n<li><a href=\"").append(up).append(Api.LIBRARY);
        list.append("index.html\">Library</a></li>\n<li><a href=\"").append(up).append(Api.TESTKIT);
        return list.append("index.html\">Test kit</a></li>\n</ul>\n").toString();
    }

    private static String entry(Contents.Entry entry, String file, Map<String, String> headings, String up) {
        boolean here = entry.file().equals(file);
        String inside = here && headings.size() > 1
                ? headings.entrySet().stream()
                        .map(one ->
                                "<li><a href=\"#" + one.getKey() + "\">" + Html.escaped(one.getValue()) + "</a></li>\n")
                        .collect(Collectors.joining("", "\n<ul>\n", "</ul>\n"))
                : "";
        return "<li><a href=\"" + up + Repository.place(entry.file()) + "\"" + (here ? " aria-current=\"page\"" : "")
                + ">" + Html.escaped(entry.title()) + "</a>" + inside + "</li>\n";
    }

    private String neighbours(String file, String up) {
        List<Contents.Entry> all = java.util.stream.Stream.concat(
                        java.util.stream.Stream.of(FIRST), contents.entries().stream())
                .toList();
        int at = all.stream().map(Contents.Entry::file).toList().indexOf(file);
        if (at < 0) {
            return "";
        }
        String before = at > 0 ? link(all.get(at - 1), "before", "← ", up) : "";
        String after = at + 1 < all.size() ? link(all.get(at + 1), "after", "", up) : "";
        return "<p class=\"neighbours\">" + before + after + "</p>\n";
    }

    private static String link(Contents.Entry entry, String look, String arrow, String up) {
        return "<a class=\"" + look + "\" href=\"" + up + Repository.place(entry.file()) + "\">" + arrow
                + Html.escaped(entry.title()) + (arrow.isEmpty() ? " →" : "") + "</a>";
    }
}
