package io.dmio.site;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The pages of docs/, as they are and as a site: nothing leads nowhere, and nothing is lost. */
class SiteTest {

    private static final Path ROOT = Path.of("..");
    private static final Repository REPOSITORY = new Repository(ROOT);

    @TempDir
    private static Path site;

    @BeforeAll
    static void write() throws IOException {
        Site.write(ROOT, site);
    }

    @Test
    void everyLinkLeadsSomewhereAndEveryPageIsReached() throws IOException {
        assertThat(new SiteCheck(site).wrong(Api.of(REPOSITORY)::has)).isEmpty();
    }

    @Test
    void everyPageOfTheFolderIsListed() throws IOException {
        List<String> listed = Contents.of(REPOSITORY.text(Contents.FILE)).entries().stream()
                .map(Contents.Entry::file)
                .toList();
        try (Stream<Path> files = Files.list(ROOT.resolve("docs"))) {
            assertThat(files.map(file -> "docs/" + file.getFileName()))
                    .filteredOn(file -> file.endsWith(".md") && !file.equals(Contents.FILE))
                    .isNotEmpty()
                    .allMatch(listed::contains);
        }
    }

    @Test
    void pagesOfAnEarlierRunAreGone(@TempDir Path old) throws IOException {
        Files.createDirectories(old.resolve("source"));
        Files.createDirectories(old.resolve("apidocs"));
        Files.writeString(old.resolve("gone.html"), "");
        Files.writeString(old.resolve("source/gone.html"), "");
        Files.writeString(old.resolve("apidocs/index.html"), "");
        Site.write(ROOT, old);
        assertThat(old.resolve("gone.html")).doesNotExist();
        assertThat(old.resolve("source/gone.html")).doesNotExist();
        assertThat(old.resolve("apidocs/index.html")).exists();
    }

    @Test
    void theSiteNeedsNoScriptAndNoNetwork() throws IOException {
        try (Stream<Path> files = Files.list(site)) {
            for (Path page :
                    files.filter(file -> file.toString().endsWith(".html")).toList()) {
                assertThat(Files.readString(page)).as("%s", page).doesNotContain("<script");
            }
        }
        assertThat(Files.readString(site.resolve("site.css"))).doesNotContain("http", "@import");
    }

    @Test
    void picturesAreDrawnAndTold() throws IOException {
        String page = Files.readString(site.resolve("concepts.html"));
        assertThat(page.split("<svg ", -1)).hasSizeGreaterThan(7);
        assertThat(page.split("role=\"img\"", -1)).hasSameSizeAs(page.split("<svg ", -1));
        assertThat(page).contains("<title id=", "<desc id=").doesNotContain("```");
    }
}
