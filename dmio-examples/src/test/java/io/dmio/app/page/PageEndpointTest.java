package io.dmio.app.page;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.app.control.Route;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Flux;

/** Who is let in, and what those cannot do who are not; by requests as no browser and no client library would write them. */
class PageEndpointTest extends PageRequests {

    @Test
    void whoKnowsTheTokenIsAnsweredAndNobodyElse() throws IOException {
        assertThat(ask("GET /v1/status", mine(), KNOWN))
                .startsWith("HTTP/1.1 200")
                .contains("{\"well\":true}");
        assertThat(ask("GET /v1/status", mine()))
                .startsWith("HTTP/1.1 401")
                .containsIgnoringCase("www-authenticate: Bearer")
                .doesNotContain("well");
        assertThat(code(ask("GET /v1/status", mine(), KNOWN + "x"))).isEqualTo(401);
        assertThat(code(ask("GET /v1/status", mine(), KNOWN.substring(0, KNOWN.length() - 1))))
                .isEqualTo(401);
        assertThat(code(ask("GET /v1/status?token=" + TOKEN.text(), mine()))).isEqualTo(401);
        assertThat(code(ask("GET /v1/status", mine(), "Cookie: token=" + TOKEN.text())))
                .isEqualTo(401);
        assertThat(code(ask("GET /v1/nothing", mine())))
                .as("not even what there is")
                .isEqualTo(401);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "evil.example",
                "evil.example:80",
                "127.0.0.1.evil.example",
                "127.0.0.2",
                "localhost.",
                "[::2]",
                ""
            })
    void aNameThatIsNotTheServersIsRefusedAsAfterDnsRebinding(String host) throws IOException {
        assertThat(code(ask("GET /v1/status", "Host: " + host, KNOWN))).isIn(400, 421);
        assertThat(code(ask("GET /", "Host: " + host))).isIn(400, 421);
    }

    @Test
    void itsOwnNamesAreTakenAlsoThroughATunnelOnAnotherPort() throws IOException {
        for (String host : List.of("localhost:" + port, "LOCALHOST", "127.0.0.1:8080", "[::1]:" + port)) {
            assertThat(code(ask("GET /v1/status", "Host: " + host, KNOWN)))
                    .as(host)
                    .isEqualTo(200);
        }
        assertThat(code(ask("GET /v1/status", mine(), "Host: evil.example", KNOWN)))
                .as("two of them")
                .isIn(400, 421);
        assertThat(code(ask("GET /v1/status", KNOWN))).as("none").isIn(400, 421);
    }

    @Test
    void pagesOfOthersAreRefusedWhateverTheyKnow() throws IOException {
        String json = "Content-Type: application/json";
        for (String origin :
                List.of("http://evil.example", "null", "https://127.0.0.1:" + port, "http://127.0.0.1:1")) {
            assertThat(code(ask("POST /v1/pause", mine(), KNOWN, json, "Origin: " + origin)))
                    .as(origin)
                    .isEqualTo(403);
        }
        assertThat(code(ask("GET /v1/status", mine(), KNOWN, "Sec-Fetch-Site: cross-site")))
                .isEqualTo(403);
        assertThat(code(ask("GET /v1/status", mine(), KNOWN, "Sec-Fetch-Site: same-site")))
                .as("another port of this machine")
                .isEqualTo(403);
        assertThat(ask("OPTIONS /v1/pause", mine(), "Origin: http://evil.example"))
                .startsWith("HTTP/1.1 403")
                .doesNotContainIgnoringCase("access-control-allow");
        assertThat(code(ask(
                        "POST /v1/pause",
                        mine(),
                        KNOWN,
                        json,
                        "Origin: http://127.0.0.1:" + port,
                        "Content-Length: 0")))
                .isEqualTo(200);
        assertThat(code(ask("POST /v1/pause", mine(), KNOWN, "Content-Type: text/plain", "Content-Length: 0")))
                .as("what a form can send")
                .isEqualTo(415);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/../page.token",
                "/..%2f..%2fetc/passwd",
                "/%2e%2e/PageFiles.class",
                "//etc/passwd",
                "/page.css/..",
                "/PageFiles.class",
                "/page.css%00",
                "/.",
                "http://127.0.0.1/page.html",
                "/page.html"
            })
    void nothingButTheFilesOfThePageIsGivenAway(String path) throws IOException {
        assertThat(code(ask("GET " + path, mine()))).isIn(400, 404);
    }

    @Test
    void theFilesOfThePageNeedNoTokenAndBringNothingFromOutside() throws IOException {
        for (String path : List.of(
                "/",
                "/page.css",
                "/page.js",
                "/server.js",
                "/map.js",
                "/charts.js",
                "/actions.js",
                "/text.js",
                "/icon.svg")) {
            String answer = ask("GET " + path, mine());
            assertThat(answer)
                    .as(path)
                    .startsWith("HTTP/1.1 200")
                    .contains("default-src 'none'; script-src 'self'")
                    .doesNotContain("unsafe-inline", "unsafe-eval")
                    .containsIgnoringCase("x-content-type-options: nosniff");
            String body = answer.substring(answer.indexOf("\r\n\r\n")).replace("http://www.w3.org/", "");
            assertThat(body).as(path).doesNotContain("http://", "https://", "<style", " style=", " onclick=");
        }
        assertThat(code(ask("POST /", mine(), "Content-Length: 0"))).isEqualTo(405);
    }

    @Test
    void eventsGoOnAfterTheOneThatWasTold() throws IOException {
        String events = "Accept: text/event-stream";
        assertThat(ask("GET /v1/events", mine(), KNOWN, events))
                .containsIgnoringCase("content-type: text/event-stream")
                .contains("id: 1-1\ndata: {");
        assertThat(ask("GET /v1/events", mine(), KNOWN, events, "Last-Event-ID: 1-7"))
                .contains("id: 1-8\n");
        assertThat(ask("GET /v1/events?after=1-7", mine(), KNOWN))
                .contains("application/x-ndjson")
                .contains("\"id\":\"1-8\"");
    }

    @Test
    void aMethodThatNobodyAsksByIsToldWithThoseThatAreToBe() throws IOException {
        for (String method : List.of("HEAD", "PUT", "DELETE", "OPTIONS", "POST")) {
            String told = ask(method + " /v1/status", mine(), KNOWN, "Content-Type: application/json");
            assertThat(told).startsWith("HTTP/1.1 405").containsIgnoringCase("allow: GET");
            assertThat(code(ask(method + " /v1/status", mine(), KNOWN)))
                    .as(method + " without a type of its body")
                    .isEqualTo(method.equals("POST") ? 415 : 405);
        }
    }

    @Test
    void namesThatHttpWritesEitherWayAreTakenEitherWay() throws IOException {
        String known = "authorization: bearer " + TOKEN.text();
        for (String type : List.of("Application/JSON", "application/json;charset=utf-8", "application/json ; x=y")) {
            assertThat(code(ask("POST /v1/pause", mine(), known, "Content-Type: " + type)))
                    .as(type)
                    .isEqualTo(200);
        }
        for (String type :
                List.of("application/jsonx", "text/plain, application/json", "text/plain; application/json")) {
            assertThat(code(ask("POST /v1/pause", mine(), known, "Content-Type: " + type)))
                    .as(type)
                    .isEqualTo(415);
        }
    }

    @Test
    void whoWaitsForAnEventIsToldAtOnceThatItCame() throws IOException {
        page.shows(List.of(Route.events("/v1/events", call -> Flux.never())));
        try (Socket socket = connected()) {
            socket.getOutputStream()
                    .write(("GET /v1/events HTTP/1.1\r\n" + mine() + "\r\n" + KNOWN + "\r\n\r\n")
                            .getBytes(StandardCharsets.ISO_8859_1));
            assertThat(firstLine(socket.getInputStream())).contains(" 200 ");
        }
    }
}
