package io.dmio.app.control;

import io.dmio.app.cli.ExitCode;
import io.dmio.app.cli.Json;
import io.dmio.app.cli.JsonReader;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.net.UnixDomainSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.netty.DisposableServer;
import reactor.netty.http.server.HttpServer;
import reactor.netty.http.server.HttpServerRequest;
import reactor.netty.http.server.HttpServerResponse;
import reactor.netty.resources.LoopResources;

/**
 * Answers on a unix socket, as HTTP/1.1, what its routes say. Errors are objects: {@code error}, a line for people, and {@code exit}, the
 * code with which a command ends that meets it; their HTTP status is 400, or it is the last line where lines have begun. Only who
 * may open the socket can ask.
 */
public final class ControlServer implements AutoCloseable {

    private static final Duration STOP_MAX = Duration.ofSeconds(2);
    private static final int BODY_BYTES_MAX = 1 << 16;
    private static final String OBJECT = "application/json";
    private static final String LINES = "application/x-ndjson";

    private final ControlSocket socket;
    private final LoopResources loops = LoopResources.create("dmio-control", 1, true);
    private final DisposableServer server;

    private ControlServer(ControlSocket socket, List<Route> routes) {
        this.socket = socket;
        this.server = HttpServer.create()
                .bindAddress(() -> UnixDomainSocketAddress.of(socket.bound()))
                .runOn(loops, false) // NIO: the JDK has unix sockets since 16
                .route(all -> {
                    routes.forEach(route -> all.route(
                            request -> request.method().name().equals(route.method())
                                    && !parts(route.path(), path(request)).isEmpty(),
                            (request, response) -> answer(route, request, response)));
                    all.route(any -> true, (request, response) -> nothing(routes, request, response));
                })
                .bindNow();
    }

    /**
     * Starts; blocks.
     *
     * @param directory is made if it is not there
     * @param socket in it
     * @throws IllegalArgumentException if another server has the socket, or it cannot be made
     */
    public static ControlServer start(RunDirectory directory, Path socket, List<Route> routes) {
        directory.make();
        ControlSocket place = ControlSocket.at(socket);
        try {
            ControlServer server = new ControlServer(place, routes);
            place.publish();
            return server;
        } catch (RuntimeException cannot) {
            place.remove();
            throw new IllegalArgumentException(
                    socket + ": " + Objects.requireNonNullElse(cannot.getMessage(), cannot.toString()), cannot);
        }
    }

    /** Ends all answers, and takes the socket away. */
    @Override
    public void close() {
        try {
            server.disposeNow(STOP_MAX);
        } finally {
            socket.remove();
            loops.dispose();
        }
    }

    /** What stands for the names in a pattern, and the whole under the empty name; empty if it does not fit. */
    private static Map<String, String> parts(String pattern, String path) {
        String[] wanted = pattern.split("/", -1);
        String[] given = path.split("/", -1);
        if (wanted.length != given.length) {
            return Map.of();
        }
        Map<String, String> parts = new LinkedHashMap<>();
        parts.put("", path);
        for (int i = 0; i < wanted.length; i++) {
            if (wanted[i].startsWith("{")) {
                parts.put(wanted[i].substring(1, wanted[i].length() - 1), given[i]);
            } else if (!wanted[i].equals(given[i])) {
                return Map.of();
            }
        }
        return parts;
    }

    private static String path(HttpServerRequest request) {
        String uri = request.uri();
        return uri.contains("?") ? uri.substring(0, uri.indexOf('?')) : uri;
    }

    private static Publisher<Void> answer(Route route, HttpServerRequest request, HttpServerResponse response) {
        Map<String, String> parts = parts(route.path(), path(request));
        if (request.requestHeaders().getInt(HttpHeaderNames.CONTENT_LENGTH, 0) > BODY_BYTES_MAX) {
            return refused(response, HttpResponseStatus.REQUEST_ENTITY_TOO_LARGE, "the body is too long");
        }
        Flux<String> objects = request.receive()
                .aggregate()
                .asString(StandardCharsets.UTF_8)
                .defaultIfEmpty("")
                .flatMapMany(body -> route.answer()
                        .apply(new Route.Call(parts, body.isBlank() ? Map.of() : JsonReader.object(body))))
                .map(object -> Json.of(object) + "\n");
        return objects.switchOnFirst((first, all) -> {
            Throwable failure = first.getThrowable();
            if (failure != null) {
                return refused(response, HttpResponseStatus.BAD_REQUEST, words(failure));
            }
            response.header(HttpHeaderNames.CONTENT_TYPE, route.lines() ? LINES : OBJECT);
            Flux<ByteBuf> lines = all.onErrorResume(late -> Mono.just(error(words(late))))
                    .map(line -> Unpooled.copiedBuffer(line, StandardCharsets.US_ASCII));
            return response.send(lines, each -> true).then(); // each is sent when it is known
        });
    }

    private static Mono<Void> nothing(List<Route> routes, HttpServerRequest request, HttpServerResponse response) {
        TreeSet<String> methods = routes.stream()
                .filter(route -> !parts(route.path(), path(request)).isEmpty())
                .map(Route::method)
                .collect(Collectors.toCollection(TreeSet::new));
        return methods.isEmpty()
                ? refused(response, HttpResponseStatus.NOT_FOUND, "there is no " + path(request))
                : refused(
                        response.header(HttpHeaderNames.ALLOW, String.join(", ", methods)),
                        HttpResponseStatus.METHOD_NOT_ALLOWED,
                        path(request) + " is asked by " + String.join(" or ", methods));
    }

    private static Mono<Void> refused(HttpServerResponse response, HttpResponseStatus status, String why) {
        return response.status(status)
                .header(HttpHeaderNames.CONTENT_TYPE, OBJECT)
                .sendString(Mono.just(error(why)), StandardCharsets.UTF_8)
                .then();
    }

    private static String words(Throwable failure) {
        return Objects.requireNonNullElse(failure.getMessage(), failure.toString());
    }

    private static String error(String why) {
        Map<String, Object> error = new LinkedHashMap<>();
        error.put("error", why);
        error.put("exit", ExitCode.MISUSE);
        return Json.of(error) + "\n";
    }
}
