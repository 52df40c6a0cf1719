package io.dmio.app.page;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** How the page looks, and whether everybody can use it: each look is kept as a picture in target/page, and searched by axe-core. */
class PageLooksTest {

    private static final Path PICTURES = Path.of("target", "page");
    private static final String[] IN_SYNC = {"IN_SYNC", "IN_SYNC"};
    private static final String[] IN_TROUBLE = {"IN_SYNC", "FAILED", "SYNCING"};
    private static final Token TOKEN = new Token("a-sample-that-everybody-may-know");

    private static Browser browser;

    @BeforeAll
    static void start() {
        browser = Browser.start();
    }

    @AfterAll
    static void end() {
        if (browser != null) {
            browser.close();
        }
    }

    private static PageEndpoint page(long chunks, String... states) {
        PageEndpoint page =
                new PageEndpoint(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), Optional.empty(), TOKEN);
        page.shows(new SampleMirror(chunks, states).routes());
        return page;
    }

    private static void open(PageEndpoint page) {
        browser.open(page.link());
        browser.awaitText("#link", "Live");
        browser.await("return document.querySelector('#charts .series')?.getAttribute('d')?.length > 100");
        browser.await("return document.querySelector('#events li') !== null");
    }

    @Test
    void itIsReadByAllOnADesk() throws IOException {
        for (boolean dark : new boolean[] {false, true}) {
            browser.looks(1280, 1500, false, dark);
            String tone = dark ? "dark" : "light";
            try (PageEndpoint page = page(10, IN_SYNC)) {
                open(page);
                assertThat(browser.text("#health-word")).isEqualTo("Healthy");
                assertThat(browser.text("#map-legend")).contains("10 equal on all legs");
                looked("healthy-" + tone);
            }
            try (PageEndpoint page = page(65_536, IN_TROUBLE)) {
                open(page);
                assertThat(browser.text("#health-word")).isEqualTo("Degraded");
                assertThat(browser.text("#health-reasons"))
                        .contains("is failed")
                        .contains("is syncing");
                looked("degraded-" + tone);
                browser.click("[data-leg='1'] [data-do=replace]");
                assertThat(browser.text("#ask"))
                        .contains("Replace leg 1 (/dev/disk")
                        .contains("is taken out for good");
                looked("replace-" + tone);
            }
        }
    }

    @Test
    void itIsReadByAllOnAPhone() throws IOException {
        browser.looks(390, 3000, true, false);
        try (PageEndpoint page = page(65_536, IN_TROUBLE)) {
            open(page);
            assertThat(browser.run("return document.documentElement.scrollWidth"))
                    .isEqualTo(390L);
            looked("degraded-phone");
            browser.click("#limit");
            browser.looks(390, 844, true, true);
            looked("limit-phone-dark");
        }
        browser.looks(390, 844, true, false);
        try (PageEndpoint page = page(10, "IN_SYNC")) {
            browser.open(page.uri());
            browser.awaitText("#entry-title", "token");
            looked("token-phone");
        }
    }

    @Test
    void whatASquareOfTheMapIsCanBeReadByKeysAlone() {
        browser.looks(1280, 1500, false, false);
        try (PageEndpoint page = page(65_536, IN_TROUBLE)) {
            open(page);
            browser.run("document.querySelector('#map').focus()");
            String first = told();
            assertThat(first).startsWith("Chunks 0–").contains("(from 0 B)");
            assertThat(browser.text("#map-here")).as("the same to see").isEqualTo(first);
            browser.press("\uE014"); // the right arrow
            assertThat(told()).isNotEqualTo(first).startsWith("Chunks ");
            browser.press("\uE012"); // the left one
            browser.press("\uE012");
            assertThat(told()).as("there is none before the first").isEqualTo(first);
            browser.press("\uE00F"); // Page Down
            assertThat(told().replaceAll(".*: ", "")).isNotEqualTo(first.replaceAll(".*: ", ""));
            browser.press("\uE010"); // End
            assertThat(told()).contains("–65535 ");
            browser.press("\uE011"); // Home
            assertThat(told()).isEqualTo(first);
        }
    }

    private static String told() {
        return String.valueOf(browser.run("return document.querySelector('#map').getAttribute('aria-valuetext')"));
    }

    @Test
    void aServerThatIsGoneIsToldAndWhatWasKnownCanBeRead() throws IOException {
        browser.looks(1280, 1500, false, false);
        try (PageEndpoint page = page(1000, IN_SYNC)) {
            open(page);
        }
        browser.awaitText("#health-word", "The server does not answer");
        looked("gone-light");
    }

    @Test
    void allOfItIsReachedByKeys() {
        browser.looks(1280, 900, false, false);
        try (PageEndpoint page = page(10, IN_SYNC)) {
            open(page);
            browser.run("document.getElementById('pause').focus()");
            browser.press("\uE007"); // enter
            browser.await("return document.getElementById('ask').open");
            assertThat(browser.run("return document.activeElement.id")).isEqualTo("ask-no");
            browser.press("\uE004"); // tab
            assertThat(browser.run("return document.activeElement.id")).isEqualTo("ask-yes");
            browser.press("\uE007");
            browser.awaitText("#ask-wrong", "a sample does nothing at all");
            browser.press("\uE00C"); // escape
            assertThat(browser.run("return document.getElementById('ask').open"))
                    .isEqualTo(false);
            assertThat(browser.run("return document.activeElement.id")).isEqualTo("pause");
        }
    }

    /** Keeps a picture, and lets axe-core look for what would keep people out. */
    private static void looked(String name) throws IOException {
        browser.screenshot(PICTURES.resolve(name + ".png"));
        try (InputStream script = Objects.requireNonNull(PageLooksTest.class.getResourceAsStream("/axe.min.js"))) {
            browser.run(new String(script.readAllBytes(), StandardCharsets.UTF_8));
        }
        Object found = browser.runAsync(
                "axe.run(document, {resultTypes: ['violations']}).then(all => arguments[0]("
                        + "all.violations.flatMap(one => one.nodes.map(node => one.id + ': ' + node.target + ': ' + node.failureSummary))))");
        assertThat((List<?>) found).as(name).isEmpty();
    }

    @Test
    void whatComesFromDevicesIsTextAndNeverMarkup() {
        browser.looks(1280, 900, false, false);
        try (PageEndpoint page = page(10, IN_SYNC)) {
            page.shows(new SampleMirror(10, "IN_SYNC", "<img src=x onerror=alert(1)>").routes());
            open(page);
            browser.awaitText("[data-leg='1']", "<img src=x");
            assertThat(browser.run("return document.querySelectorAll('[data-leg] img').length"))
                    .isEqualTo(0L);
        }
    }
}
