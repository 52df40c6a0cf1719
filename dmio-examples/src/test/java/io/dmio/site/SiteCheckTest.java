package io.dmio.site;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each fault that a site may have is told. */
class SiteCheckTest {

    @TempDir
    private Path site;

    private void faults(String page, String... wanted) throws IOException {
        Files.createDirectories(site.resolve("source"));
        Files.writeString(site.resolve("index.html"), page);
        assertThat(new SiteCheck(site).wrong(place -> place.equals("apidocs/There.html")))
                .hasSize(wanted.length)
                .allSatisfy(fault -> assertThat(wanted).anyMatch(fault::contains));
    }

    @Test
    void goodLinksAreNoFault() throws IOException {
        Files.writeString(site.resolve("site.css"), "");
        faults(
                "<a href=\"#a\" id=\"a\"></a><link href=\"site.css\"><a href=\"apidocs/There.html\"></a><a href=\"https://a.invalid/\"></a>");
    }

    @Test
    void aLinkToNothingIsTold() throws IOException {
        faults("<a href=\"nothing.html\">", "nothing.html, which is not there");
        faults("<a href=\"apidocs/Nothing.html\">", "Nothing.html, which is not there");
    }

    @Test
    void anAnchorThatIsNotThereOrThereTwiceIsTold() throws IOException {
        faults("<a href=\"#b\" id=\"a\">", "where no such anchor is");
        faults("<a id=\"a\"><a id=\"a\">", "has the anchor a 2 times");
    }

    @Test
    void aPictureWithoutWordsIsTold() throws IOException {
        Files.writeString(site.resolve("a.svg"), "");
        faults("<img src=\"a.svg\" alt=\"\" />", "without saying what is on it");
    }

    @Test
    void aPageThatNothingLeadsToIsTold() throws IOException {
        Files.writeString(site.resolve("lost.html"), "");
        faults("", "no way leads from index.html to lost.html");
    }

    @Test
    void whatComesFromElsewhereIsTold() throws IOException {
        faults("<script src=\"https://a.invalid/a.js\">", "needs the network");
    }
}
