package io.dmio.site;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Makes the site: the first page, all that it leads to, directly or not, and the files of the repository that these are about. */
final class Site {

    private static final int FAULTS_TOLD = 20;

    private final Repository repository;
    private final Path out;
    private final Api api;
    private final Frame frame;
    private final Deque<String> wanted = new ArrayDeque<>();
    private final Set<String> seen = new HashSet<>();

    private Site(Repository repository, Path out) {
        this.repository = repository;
        this.out = out;
        this.api = Api.of(repository);
        this.frame = new Frame(Contents.of(repository.text(Contents.FILE)));
    }

    /**
     * Makes it, or fails at the first link that leads nowhere.
     *
     * @param args the root of the repository, and where the site goes, in which the Javadoc is already
     */
    public static void main(String[] args) throws IOException {
        Path out = Path.of(args[1]);
        write(Path.of(args[0]), out);
        List<String> wrong = new SiteCheck(out).wrong(place -> Files.isRegularFile(out.resolve(place)));
        if (!wrong.isEmpty()) {
            throw new IllegalStateException(wrong.size() + " faults, the first of them:\n"
                    + wrong.stream().limit(FAULTS_TOLD).collect(Collectors.joining("\n")));
        }
    }

    /**
     * Writes all but the Javadoc.
     *
     * @param root of the repository
     * @param out a folder
     */
    static void write(Path root, Path out) throws IOException {
        Site site = new Site(new Repository(root), out);
        clear(Files.createDirectories(out.resolve("source")));
        clear(out);
        site.want("README.md");
        site.want(Contents.FILE);
        while (!site.wanted.isEmpty()) {
            site.write(site.wanted.remove());
        }
        try (InputStream style = Objects.requireNonNull(Site.class.getResourceAsStream("site.css"))) {
            Files.write(out.resolve("site.css"), style.readAllBytes());
        }
    }

    /** Pages of an earlier run, whose source may be gone; the folders of the Javadoc stay. */
    private static void clear(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Files.delete(file);
            }
        }
    }

    private void want(String file) {
        if (seen.add(file)) {
            wanted.add(file);
        }
    }

    private void write(String file) throws IOException {
        Path place = out.resolve(Repository.place(file));
        if (file.endsWith(".md")) {
            PageText text = new PageText(repository.text(file), link -> led(file, link), api);
            Files.writeString(place, frame.page(file, text.title(), text.headings(2), text.html()));
        } else if (file.endsWith(".svg")) {
            Files.writeString(place, repository.text(file));
        } else {
            String heading = "<h1><code>" + Html.escaped(file) + "</code></h1>\n";
            String text = repository.isFolder(file) ? folder(file) : source(file);
            Files.writeString(place, frame.page(file, file, Map.of(), heading + text));
        }
    }

    private String source(String file) {
        String language = file.substring(file.lastIndexOf('.') + 1);
        String code = Colours.html(language.equals("kt") ? "kotlin" : language, repository.text(file));
        return "<pre tabindex=\"0\"><code>" + code + "</code></pre>\n";
    }

    private String folder(String file) {
        return repository.inside(file).stream()
                .map(inside -> "<li><a href=\"" + led(file, "/" + inside) + "\">"
                        + Html.escaped(inside.substring(file.length() + 1)) + "</a></li>\n")
                .collect(Collectors.joining("", "<ul>\n", "</ul>\n"));
    }

    /** Where a link of a page leads to in the site. */
    private String led(String file, String link) {
        if (link.contains("://") || link.startsWith("#") || link.startsWith("mailto:")) {
            return link;
        }
        String[] parts = link.split("#", 2);
        String target = parts[0].startsWith("/") ? parts[0].substring(1) : Repository.resolved(file, parts[0]);
        if (!repository.isFile(target) && !repository.isFolder(target)) {
            throw new IllegalArgumentException(file + " has a link to " + link + ", and there is no " + target);
        }
        want(target);
        String up = Repository.place(file).startsWith("source/") ? "../" : "";
        return up + Repository.place(target) + (parts.length > 1 ? "#" + parts[1] : "");
    }
}
