package io.dmio.site;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.app.page.Browser;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How the site looks, opened from the disk, and whether everybody can use it; looks are kept as pictures in target/site-looks. */
class SiteLooksTest {

    private static final Path PICTURES = Path.of("target", "site-looks");

    @TempDir
    private static Path site;

    private static Browser browser;

    @BeforeAll
    static void start() throws IOException {
        browser = Browser.start();
        Site.write(Path.of(".."), site);
    }

    @AfterAll
    static void end() {
        if (browser != null) {
            browser.close();
        }
    }

    private static void open(String page) {
        browser.open(site.resolve(page).toUri());
    }

    @Test
    void noPageIsWiderThanAPhone() throws IOException {
        browser.looks(390, 844, true, false);
        try (Stream<Path> pages = Files.list(site)) {
            for (Path page :
                    pages.filter(file -> file.toString().endsWith(".html")).toList()) {
                browser.open(page.toUri());
                assertThat(browser.run("return document.documentElement.scrollWidth"))
                        .as("%s", page)
                        .isEqualTo(390L);
            }
        }
        open("concepts.html");
        browser.screenshot(PICTURES.resolve("concepts-phone.png"));
    }

    @Test
    void everybodyCanReadIt() throws IOException {
        for (String page : List.of("index", "concepts", "comparison", "guide-nbd")) {
            for (boolean dark : new boolean[] {false, true}) {
                browser.looks(1280, 2400, false, dark);
                open(page + ".html");
                String name = page + (dark ? "-dark" : "-light");
                browser.screenshot(PICTURES.resolve(name + ".png"));
                assertThat(violations()).as(name).isEmpty();
            }
        }
    }

    /** What axe-core finds that would keep people out. */
    private static List<?> violations() throws IOException {
        try (InputStream script = Objects.requireNonNull(SiteLooksTest.class.getResourceAsStream("/axe.min.js"))) {
            browser.run(new String(script.readAllBytes(), StandardCharsets.UTF_8));
        }
        return (List<?>)
                Objects.requireNonNull(
                        browser.runAsync(
                                "axe.run(document, {resultTypes: ['violations']}).then(all => arguments[0]("
                                        + "all.violations.flatMap(one => one.nodes.map(node => one.id + ': ' + node.target + ': ' + node.failureSummary))))"));
    }
}
