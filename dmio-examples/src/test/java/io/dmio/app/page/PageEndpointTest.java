package io.dmio.app.page;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.app.control.HttpEndpoint.Limits;
import io.dmio.app.control.Route;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Who is let in, and what those cannot do who are not; by requests as no browser and no client library would write them. */
class PageEndpointTest {

    private static final Token TOKEN = new Token("a-token-that-nobody-guesses-01");
    private static final String KNOWN = "Authorization: Bearer " + TOKEN.text();
    private static final int CONNECTIONS_MAX = 64;
    private static final Limits HASTY =
            new Limits(CONNECTIONS_MAX, Duration.ofMillis(300), Duration.ofMillis(300), Duration.ofMillis(300));
    private static final int SILENCE_MILLIS = 30_000;

    private final PageEndpoint page = endpoint(Limits.USUAL);
    private final int port = page.uri().getPort();

    private static PageEndpoint endpoint(Limits limits) {
        PageEndpoint made = new PageEndpoint(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), Optional.empty(), TOKEN, limits);
        made.shows(List.of(
                Route.get("/v1/status", call -> Mono.just(Map.of("well", true))),
                Route.events(
                        "/v1/events", call -> Flux.just(Map.of("id", "1-" + (1 + after(call)), "kind", "STARTED"))),
                Route.post(
                        "/v1/pause",
                        call -> Mono.just(Map.of("done", call.body().size())))));
        return made;
    }

    private static long after(Route.Call call) {
        return call.after().isEmpty() ? 0 : Long.parseLong(call.after().substring(2));
    }

    @AfterEach
    void close() {
        page.close();
    }

    private Socket connected() throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setSoTimeout(SILENCE_MILLIS);
        return socket;
    }

    /** All that is answered to a request, after which the connection is to be closed. */
    private String ask(String first, String... headers) throws IOException {
        return told(first + " HTTP/1.1\r\n" + String.join("\r\n", headers) + "\r\nConnection: close\r\n\r\n");
    }

    private String told(String request) throws IOException {
        try (Socket socket = connected()) {
            socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private String mine() {
        return "Host: 127.0.0.1:" + port;
    }

    private static int code(String answer) {
        return Integer.parseInt(answer.split(" ", 3)[1]);
    }

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
    void aBodyThatIsTooLongIsNotReadIntoMemory() throws IOException {
        String head =
                "POST /v1/pause HTTP/1.1\r\n" + mine() + "\r\n" + KNOWN + "\r\nContent-Type: application/json\r\n";
        assertThat(code(told(head + "Content-Length: 70000\r\n\r\n" + " ".repeat(70_000))))
                .isEqualTo(413);
        String chunk = "4000\r\n" + " ".repeat(0x4000) + "\r\n";
        try (Socket socket = connected()) {
            OutputStream out = socket.getOutputStream();
            out.write((head + "Transfer-Encoding: chunked\r\n\r\n").getBytes(StandardCharsets.ISO_8859_1));
            for (int i = 0; i < 5; i++) {
                out.write(chunk.getBytes(StandardCharsets.ISO_8859_1));
            }
            assertThat(firstLine(socket.getInputStream())).contains(" 413 ");
        }
        assertThat(code(ask("GET /v1/status", mine(), KNOWN, "X: " + "x".repeat(20_000))))
                .isIn(413, 431);
    }

    private static String firstLine(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int letter = in.read(); letter > 0 && letter != '\n'; letter = in.read()) {
            line.append((char) letter);
        }
        return line.toString();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "GET / HTTP/1.1\r\nHos"})
    void whoDoesNotComeToTheEndOfARequestIsNotWaitedFor(String begun) throws IOException {
        try (PageEndpoint hasty = endpoint(HASTY);
                Socket socket =
                        new Socket(InetAddress.getLoopbackAddress(), hasty.uri().getPort())) {
            socket.setSoTimeout(SILENCE_MILLIS);
            socket.getOutputStream().write(begun.getBytes(StandardCharsets.ISO_8859_1));
            assertThat(socket.getInputStream().read())
                    .as("the end of the connection")
                    .isEqualTo(-1);
        }
    }

    @Test
    void whoDoesNotComeToTheEndOfABodyIsNotWaitedFor() throws IOException {
        try (PageEndpoint hasty = endpoint(HASTY);
                Socket socket =
                        new Socket(InetAddress.getLoopbackAddress(), hasty.uri().getPort())) {
            socket.setSoTimeout(SILENCE_MILLIS);
            String begun = "POST /v1/pause HTTP/1.1\r\nHost: localhost\r\n" + KNOWN
                    + "\r\nContent-Type: application/json\r\nContent-Length: 10\r\n\r\n{";
            socket.getOutputStream().write(begun.getBytes(StandardCharsets.ISO_8859_1));
            String told = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(told).as("all until the connection is closed").doesNotContain(" 200 ");
        }
    }

    @Test
    void nobodyTakesMoreConnectionsThanThereAre() throws IOException {
        List<Socket> held = new ArrayList<>();
        try {
            for (int i = 0; i < CONNECTIONS_MAX; i++) {
                Socket one = connected();
                one.getOutputStream().write("GET / HTTP/1.1\r\n".getBytes(StandardCharsets.ISO_8859_1));
                held.add(one);
            }
            try (Socket more = connected()) {
                assertThat(more.getInputStream().read())
                        .as("one more is closed")
                        .isEqualTo(-1);
            }
        } finally {
            for (Socket one : held) {
                one.close();
            }
        }
        assertThat(held).hasSize(CONNECTIONS_MAX);
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
