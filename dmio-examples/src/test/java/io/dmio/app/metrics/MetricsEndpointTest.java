package io.dmio.app.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.app.control.HttpEndpoint;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;

/** What is answered by HTTP, from before there is something to serve to its end. */
class MetricsEndpointTest {

    private final MetricsEndpoint endpoint = MetricsEndpoint.start("127.0.0.1", 0);
    private final HttpClient client = HttpClient.newHttpClient();

    @AfterEach
    void close() {
        endpoint.close();
    }

    private HttpResponse<String> ask(String method, String path) throws IOException, InterruptedException {
        URI uri = endpoint.uri().resolve(path);
        return client.send(
                HttpRequest.newBuilder(uri)
                        .method(method, BodyPublishers.noBody())
                        .build(),
                BodyHandlers.ofString());
    }

    private int[] codes() throws IOException, InterruptedException {
        return new int[] {
            ask("GET", "/health").statusCode(),
            ask("GET", "/health/live").statusCode(),
            ask("GET", "/health/ready").statusCode()
        };
    }

    @Test
    void eachStateOfHealthHasItsCodes() throws IOException, InterruptedException {
        assertThat(codes()).as("starting").containsExactly(503, 200, 503);
        for (Health.State state : Health.State.values()) {
            endpoint.healthIs(Mono.just(Health.of(state, "why")));
            int live = state == Health.State.DEAD ? 503 : 200;
            boolean serves = state == Health.State.READY || state == Health.State.DEGRADED;
            assertThat(codes()).as(state.name()).containsExactly(state.code(), live, serves ? 200 : 503);
        }
    }

    @Test
    void aHeadIsAnsweredWithoutABodyAndTheConnectionGoesOn() throws IOException, InterruptedException {
        endpoint.healthIs(Mono.just(Health.of(Health.State.READY)));
        assertThat(ask("HEAD", "/health").statusCode()).isEqualTo(200);
        assertThat(ask("HEAD", "/health").body()).isEmpty();
        assertThat(ask("GET", "/health").body()).startsWith("{\"status\":\"ready\"");
    }

    @Test
    void nothingElseIsAnswered() throws IOException, InterruptedException {
        assertThat(ask("GET", "/").statusCode()).isEqualTo(404);
        assertThat(ask("POST", "/metrics").statusCode()).isEqualTo(404);
        assertThat(ask("DELETE", "/health").statusCode()).isEqualTo(404);
    }

    @Test
    void aPathThatIsNoneIsNotFound() throws IOException {
        for (String path : List.of("?a", "*", "http://[::/metrics", "/%00", "//")) {
            try (Socket guest = connected()) {
                guest.getOutputStream()
                        .write((" " + path + " HTTP/1.1\r\nHost: x\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
                assertThat(new BufferedReader(new InputStreamReader(guest.getInputStream(), StandardCharsets.US_ASCII))
                                .readLine())
                        .as(path)
                        .isEqualTo("HTTP/1.1 404 Not Found");
            }
        }
    }

    @Test
    void closingEndsConnectionsThatAreKept() throws IOException, InterruptedException {
        assertThat(ask("GET", "/metrics").body()).contains("jvm_memory_used_bytes");
        endpoint.close(); // ends, though the client keeps its connection
        assertThat(endpoint.uri()).isNotNull();
    }

    @Test
    void whoConnectsAndSaysNothingTakesNoMoreThanItsShareOfTheProcesssFiles() throws IOException {
        List<Socket> held = new ArrayList<>();
        try {
            for (int i = 0; i < HttpEndpoint.Limits.USUAL.connections(); i++) {
                held.add(connected());
            }
            held.add(connected());
            assertThat(held.get(0).getInputStream().read())
                    .as("for one more, the one that waited longest is closed")
                    .isEqualTo(-1);
        } finally {
            for (Socket one : held) {
                one.close();
            }
        }
    }

    private Socket connected() throws IOException {
        Socket socket =
                new Socket(InetAddress.getLoopbackAddress(), endpoint.uri().getPort());
        socket.setSoTimeout(30_000);
        socket.getOutputStream().write("GET".getBytes(StandardCharsets.US_ASCII));
        return socket;
    }
}
