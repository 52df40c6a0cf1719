package io.dmio.site;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which pages there are, and in which order: as {@code docs/README.md} lists them.
 *
 * @param sections with their pages
 */
record Contents(List<Section> sections) {

    /** The page that lists them. */
    static final String FILE = "docs/README.md";

    private static final Pattern HEADING = Pattern.compile("## (.+)");
    private static final Pattern ENTRY = Pattern.compile("- \\[(.+?)]\\((.+?)\\).*");

    /**
     * Pages under one heading.
     *
     * @param title the heading
     * @param entries its pages
     */
    record Section(String title, List<Entry> entries) {}

    /**
     * A page of the list.
     *
     * @param title as the list calls it
     * @param file from the root of the repository
     */
    record Entry(String title, String file) {}

    static Contents of(String page) {
        List<Section> sections = new ArrayList<>();
        for (String line : page.lines().toList()) {
            Matcher heading = HEADING.matcher(line);
            Matcher entry = ENTRY.matcher(line);
            if (heading.matches()) {
                sections.add(new Section(heading.group(1), new ArrayList<>()));
            } else if (entry.matches()) {
                String file = Repository.resolved(FILE, entry.group(2));
                sections.get(sections.size() - 1).entries().add(new Entry(entry.group(1), file));
            }
        }
        return new Contents(sections);
    }

    List<Entry> entries() {
        return sections.stream().flatMap(section -> section.entries().stream()).toList();
    }
}
