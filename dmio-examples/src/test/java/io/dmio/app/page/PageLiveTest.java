package io.dmio.app.page;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.app.CommandLineFixture;
import io.dmio.app.RunningServer;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The page of a real server in a real browser: what happens is seen, and what is clicked happens. */
class PageLiveTest extends CommandLineFixture {

    private static Browser browser;

    @BeforeAll
    static void startBrowser() {
        browser = Browser.start();
        browser.looks(1280, 1500, false, false);
    }

    @AfterAll
    static void endBrowser() {
        if (browser != null) {
            browser.close();
        }
    }

    @BeforeEach
    void create() {
        assertThat(dmio("mirror", "create", "--size", "64M", "a", "b"))
                .as(err())
                .isZero();
    }

    private RunningServer serve(String port) {
        return RunningServer.ofMirror(dir, "--page", port, path("a"), path("b"));
    }

    private URI link() {
        out.reset();
        assertThat(dmio("mirror", "page", "--run-dir", "run")).as(err()).isZero();
        return URI.create(out().strip());
    }

    private void open() {
        browser.open(link());
        browser.awaitText("#link", "Live");
        browser.awaitText("#health-word", "Healthy");
        browser.awaitText("#events", "started with 2 legs");
    }

    @Test
    void aLegThatFailsIsSeenWithinASecond() throws IOException {
        try (RunningServer server = serve("0")) {
            open();
            browser.run(
                    "new MutationObserver(() => { if (document.getElementById('health-word').textContent === 'Degraded')"
                            + " window.seen ??= Date.now(); }).observe(document.getElementById('health'), {subtree: true, childList: true,"
                            + " characterData: true})");
            Files.delete(Path.of(path("b")));
            browser.await("return window.seen !== undefined");
            Object late = browser.run(
                    "return window.seen - Date.parse(document.querySelector('#events [data-kind=LEG_FAILED] time').dateTime)");
            assertThat((Long) late)
                    .as("milliseconds from the failure to what is seen")
                    .isLessThan(1000);
            browser.awaitText("#health-reasons", "Leg 1 (" + path("b") + ") is failed");
            browser.awaitText("[data-leg='1'] .badge", "Failed");
            browser.awaitText("#events", "clients go on without it");
            assertThat(browser.run("return document.title")).asString().startsWith("Degraded");
            assertThat(server.err()).contains("leg 1 is out");
        }
    }

    @Test
    void aButtonReplacesALegAndTheBarOfTheResyncRuns() {
        try (RunningServer server = serve("0")) {
            open();
            browser.click("#limit");
            browser.type("#ask-rate", "16M");
            browser.click("#ask-yes");
            browser.awaitText("#work-how", "at most 16.0 MiB/s");
            browser.click("[data-leg='1'] [data-do=replace]");
            assertThat(browser.text("#ask-title")).isEqualTo("Replace leg 1 (" + path("b") + ")?");
            assertThat(browser.text("#ask-what"))
                    .contains("64.0 MiB are copied to it")
                    .contains("taken out for good");
            browser.type("#ask-device", path("c"));
            browser.click("#ask-yes");
            browser.await("return !document.getElementById('ask').open");
            browser.await(
                    "const bar = document.getElementById('bar-resync'); return bar !== null && bar.value > 0 && bar.value < 0.5");
            browser.await("return document.getElementById('bar-resync').value > 0.5");
            assertThat(browser.text("#work-resync")).contains(" %, ").contains("MiB/s");
            assertThat(browser.text("#asked"))
                    .contains("replace leg 1 by " + path("c"))
                    .contains("Running");
            assertThat(browser.text("#map-legend")).contains("being copied");
            browser.await("return document.querySelector(\"[data-leg='1']\") === null");
            browser.awaitText("#health-word", "Healthy");
            browser.awaitText("#asked", "Done");
            assertThat(browser.text("#legs"))
                    .contains(path("a"))
                    .contains(path("c"))
                    .doesNotContain(path("b"));
            assertThat(server.err()).contains("leg 2 (" + path("c") + ") is in sync");
        }
    }

    @Test
    void whatTheServerRefusesIsToldWhereItWasAsked() {
        try (RunningServer server = serve("0")) {
            open();
            browser.click("#add");
            browser.type("#ask-device", path("a"));
            browser.click("#ask-yes");
            browser.awaitText("#ask-wrong", "is the same as " + path("a"));
            assertThat(browser.run("return document.getElementById('ask').open"))
                    .isEqualTo(true);
            browser.click("#ask-no");
            browser.awaitText("#asked", "is the same as");
            assertThat(server.err()).contains("asked for: add " + path("a"));
        }
    }

    @Test
    void aScrubIsAskedForAndWhatItFindsIsShown() {
        try (RunningServer server = serve("0")) {
            open();
            browser.click("#scrub");
            assertThat(browser.text("#ask-what")).contains("64.0 MiB are read from each of 2 legs");
            browser.click("#ask-yes");
            browser.awaitText("#work-how", "The last scrub compared everything: no differences");
            browser.awaitText("#events", "0 differ");
            assertThat(server.out()).contains("page http://127.0.0.1:");
        }
    }

    @Test
    void thePageLivesOnThroughARestartOfTheServer() {
        String port;
        try (RunningServer server = serve("0")) {
            open();
            port = String.valueOf(URI.create(server.said("page")).getPort());
            browser.run("window.sameDocument = true");
        }
        browser.awaitText("#health-word", "The server does not answer");
        browser.awaitText("#link", "Reconnecting");
        try (RunningServer server = serve(port)) {
            browser.awaitText("#link", "Live");
            browser.awaitText("#health-word", "Healthy");
            browser.await(
                    "return [...document.querySelectorAll('#events li')].filter(one => one.dataset.kind === 'STARTED').length === 2");
            assertThat(browser.run("return window.sameDocument")).isEqualTo(true);
            assertThat(server.err()).contains("started with 2 legs");
        }
    }
}
