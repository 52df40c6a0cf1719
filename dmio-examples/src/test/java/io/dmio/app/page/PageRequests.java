package io.dmio.app.page;

import io.dmio.app.control.HttpEndpoint.Limits;
import io.dmio.app.control.Route;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** A page, and requests to it as no browser and no client library would write them. */
abstract class PageRequests {

    static final Token TOKEN = new Token("a-token-that-nobody-guesses-01");
    static final String KNOWN = "Authorization: Bearer " + TOKEN.text();
    static final int CONNECTIONS_MAX = 64;
    static final Limits HASTY =
            new Limits(CONNECTIONS_MAX, Duration.ofMillis(300), Duration.ofMillis(300), Duration.ofMillis(300));
    static final int SILENCE_MILLIS = 30_000;

    final PageEndpoint page = endpoint(Limits.USUAL);
    final int port = page.uri().getPort();

    static PageEndpoint endpoint(Limits limits) {
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

    static long after(Route.Call call) {
        return call.after().isEmpty() ? 0 : Long.parseLong(call.after().substring(2));
    }

    @AfterEach
    void close() {
        page.close();
    }

    final Socket connected() throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setSoTimeout(SILENCE_MILLIS);
        return socket;
    }

    /** All that is answered to a request, after which the connection is to be closed. */
    final String ask(String first, String... headers) throws IOException {
        return told(first + " HTTP/1.1\r\n" + String.join("\r\n", headers) + "\r\nConnection: close\r\n\r\n");
    }

    final String told(String request) throws IOException {
        try (Socket socket = connected()) {
            socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    final String mine() {
        return "Host: 127.0.0.1:" + port;
    }

    static int code(String answer) {
        return Integer.parseInt(answer.split(" ", 3)[1]);
    }

    static String firstLine(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int letter = in.read(); letter > 0 && letter != '\n'; letter = in.read()) {
            line.append((char) letter);
        }
        return line.toString();
    }
}
