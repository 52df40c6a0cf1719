package io.dmio.site;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Whether the pages of a site hang together: links, anchors, pictures with words, and a way from the first page to each. */
final class SiteCheck {

    private static final Pattern LINK = Pattern.compile(" (?:href|src)=\"([^\"]*)\"");
    private static final Pattern ID = Pattern.compile(" id=\"([^\"]*)\"");
    private static final Pattern IMAGE = Pattern.compile("<img [^>]*>");
    private static final Pattern WORDS = Pattern.compile(" alt=\"[^\"]{20,}\"");
    private static final Pattern OUTSIDE =
            Pattern.compile("<(?:script|iframe|link|img|source)[^>]*(?:src|href)=\"(?:https?:)?//[^>]*>");

    private final Path site;
    private final Map<String, String> pages = new HashMap<>();

    SiteCheck(Path site) throws IOException {
        this.site = site;
        read(site);
        read(site.resolve("source"));
    }

    private void read(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file :
                    files.filter(file -> file.toString().endsWith(".html")).toList()) {
                pages.put(name(file), Files.readString(file));
            }
        }
    }

    private String name(Path file) {
        return site.relativize(file).toString();
    }

    /**
     * Looks at every page but those of the Javadoc.
     *
     * @param javadoc whether there is a page of it
     * @return what is wrong, a sentence each
     */
    List<String> wrong(Predicate<String> javadoc) {
        List<String> wrong = new ArrayList<>();
        pages.forEach((page, text) -> {
            LINK.matcher(text).results().map(link -> link.group(1)).forEach(link -> check(page, link, javadoc, wrong));
            IMAGE.matcher(text)
                    .results()
                    .map(MatchResult::group)
                    .filter(image -> !WORDS.matcher(image).find())
                    .forEach(image -> wrong.add(page + " shows a picture without saying what is on it: " + image));
            Matcher outside = OUTSIDE.matcher(text);
            if (outside.find()) {
                wrong.add(page + " needs the network: " + outside.group());
            }
            ID.matcher(text)
                    .results()
                    .collect(Collectors.groupingBy(id -> id.group(1), Collectors.counting()))
                    .forEach((id, count) -> {
                        if (count > 1) {
                            wrong.add(page + " has the anchor " + id + " " + count + " times");
                        }
                    });
        });
        Set<String> lost = new TreeSet<>(pages.keySet());
        lost.removeAll(reached());
        lost.forEach(page -> wrong.add("no way leads from index.html to " + page));
        return wrong;
    }

    private void check(String page, String link, Predicate<String> javadoc, List<String> wrong) {
        if (link.contains("://")) {
            return;
        }
        String[] parts = link.split("#", 2);
        String target = parts[0].isEmpty()
                ? page
                : name(site.resolve(page).resolveSibling(parts[0]).normalize());
        String text = pages.get(target);
        boolean there =
                text != null || (isJavadoc(target) ? javadoc.test(target) : Files.isRegularFile(site.resolve(target)));
        if (!there) {
            wrong.add(page + " has a link to " + link + ", which is not there");
        } else if (parts.length > 1 && text != null && !text.contains(" id=\"" + parts[1] + "\"")) {
            wrong.add(page + " has a link to " + link + ", where no such anchor is");
        }
    }

    private static boolean isJavadoc(String target) {
        return target.startsWith(Api.LIBRARY) || target.startsWith(Api.TESTKIT);
    }

    private Set<String> reached() {
        Set<String> reached = new HashSet<>(Set.of("index.html"));
        Deque<String> next = new ArrayDeque<>(reached);
        while (!next.isEmpty()) {
            String page = next.remove();
            LINK.matcher(pages.getOrDefault(page, ""))
                    .results()
                    .map(link -> link.group(1).split("#", 2)[0])
                    .filter(link -> !link.isEmpty() && !link.contains("://"))
                    .map(link -> name(site.resolve(page).resolveSibling(link).normalize()))
                    .filter(pages::containsKey)
                    .filter(reached::add)
                    .forEach(next::add);
        }
        return reached;
    }
}
