package io.dmio.app.control;

import io.dmio.app.cli.Json;
import io.dmio.app.cli.JsonReader;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.timeout.ReadTimeoutException;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.netty.http.client.HttpClient;
import reactor.netty.resources.LoopResources;

/** Asks a {@link ControlServer}. A refusal of the server becomes an {@link IllegalArgumentException} with the server's words. */
public final class ControlClient {

    private static final Duration SILENCE_MAX = Duration.ofSeconds(30);

    private final Path socket;
    private final HttpClient http;

    /** Threads that all clients of this process share; they end with it. */
    private static final class Threads {
        static final LoopResources SHARED = LoopResources.create("dmio-asking", 1, true);
    }

    private ControlClient(Path socket) {
        this.socket = socket;
        this.http = HttpClient.newConnection()
                .remoteAddress(() -> UnixDomainSocketAddress.of(socket))
                .runOn(Threads.SHARED, false)
                .responseTimeout(SILENCE_MAX);
    }

    /** Returns a client of the server that listens on a socket; empty if none does. */
    public static Optional<ControlClient> of(Path socket) {
        return ControlSocket.answers(socket) ? Optional.of(new ControlClient(socket)) : Optional.empty();
    }

    /** Asks for one object. */
    public Mono<Map<String, Object>> get(String path) {
        return ask(http, HttpMethod.GET, path, Map.of()).next();
    }

    /** Asks for objects until there are no more; each comes when it is known. */
    public Flux<Map<String, Object>> lines(String path) {
        return ask(http.responseTimeout(null), HttpMethod.GET, path, Map.of()); // silent while nothing happens
    }

    /** Asks for something to be done; objects tell the progress, the last one the outcome. */
    public Flux<Map<String, Object>> post(String path, Map<String, Object> body) {
        return ask(http, HttpMethod.POST, path, body);
    }

    private Flux<Map<String, Object>> ask(HttpClient how, HttpMethod method, String path, Map<String, Object> body) {
        Mono<String> sent = method.equals(HttpMethod.POST) ? Mono.just(Json.of(body)) : Mono.empty();
        return how.request(method)
                .uri(path)
                .send((request, out) -> out.sendString(sent, StandardCharsets.UTF_8))
                .response((response, content) -> {
                    Lines lines = new Lines();
                    return content.concatMapIterable(lines::of)
                            .concatWith(Flux.defer(() -> Flux.fromIterable(lines.rest())));
                })
                .onErrorMap(
                        failure -> failure instanceof IOException || failure instanceof ReadTimeoutException,
                        this::lost)
                .map(ControlClient::read);
    }

    private IllegalStateException lost(Throwable failure) {
        return new IllegalStateException(
                socket + ": the server does not answer any more; what it was asked for may be going on", failure);
    }

    private static Map<String, Object> read(String line) {
        Map<String, Object> object = JsonReader.object(line);
        if (object.get("error") instanceof String refusal) {
            throw new IllegalArgumentException(refusal);
        }
        return object;
    }

    /** Cuts what comes into lines; it is ASCII, as {@link Json} writes it. */
    private static final class Lines {
        private final StringBuilder begun = new StringBuilder();

        List<String> of(ByteBuf bytes) {
            begun.append(bytes.toString(StandardCharsets.US_ASCII));
            List<String> lines = new ArrayList<>();
            int from = 0;
            for (int end = begun.indexOf("\n"); end >= 0; end = begun.indexOf("\n", from)) {
                lines.add(begun.substring(from, end));
                from = end + 1;
            }
            begun.delete(0, from);
            return lines;
        }

        List<String> rest() {
            return begun.isEmpty() ? List.of() : List.of(begun.toString());
        }
    }
}
