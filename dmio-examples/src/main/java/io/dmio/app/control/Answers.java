package io.dmio.app.control;

import io.dmio.app.cli.ExitCode;
import io.dmio.app.cli.Json;
import io.dmio.app.cli.JsonReader;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.QueryStringDecoder;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import java.util.concurrent.Semaphore;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Schedulers;
import reactor.netty.http.server.HttpServerRequest;
import reactor.netty.http.server.HttpServerResponse;

/**
 * Sends the answers of routes as HTTP/1.1. Errors are objects: {@code error}, a line for people, and {@code exit}, the exit code of a command
 * that meets the error. The HTTP status of an error is 400; if lines have begun, the error is the last line.
 */
public final class Answers implements BiFunction<HttpServerRequest, HttpServerResponse, Publisher<Void>> {

    private static final int BODY_BYTES_MAX = 1 << 16;
    private static final Duration STILL_HERE =
            Duration.ofSeconds(10); // a comment so often, by which lost connections are found

    // A body that fails is refused within its onError; that ends
    // the exchange, which reactor-netty tells the body again.
    private static final String DROPPED = "reactor.onErrorDropped.local"; // Reactor's own key
    private static final String OBJECT = "application/json";
    private static final String LINES = "application/x-ndjson";
    private static final String EVENTS = "text/event-stream";
    private static final String LAST_EVENT = "Last-Event-ID";

    private final List<Route> routes;
    private final int followersMax;
    private final Semaphore followers;

    /**
     * @param limits the limits of the endpoint: a client that follows events holds a connection for good, and some connections are left for
     *     other requests
     */
    public Answers(List<Route> routes, HttpEndpoint.Limits limits) {
        this.routes = List.copyOf(routes);
        this.followersMax = limits.connections() * 3 / 4;
        this.followers = new Semaphore(followersMax);
    }

    @Override
    public Publisher<Void> apply(HttpServerRequest request, HttpServerResponse response) {
        String path = new QueryStringDecoder(request.uri()).rawPath();
        for (Route route : routes) {
            Map<String, String> parts = parts(route.path(), path);
            if (route.method().equals(request.method().name()) && !parts.isEmpty()) {
                return answer(route, parts, request, response);
            }
        }
        TreeSet<String> methods = routes.stream()
                .filter(route -> !parts(route.path(), path).isEmpty())
                .map(Route::method)
                .collect(Collectors.toCollection(TreeSet::new));
        return methods.isEmpty()
                ? refused(response, HttpResponseStatus.NOT_FOUND, "there is no " + path)
                : refused(
                        response.header(HttpHeaderNames.ALLOW, String.join(", ", methods)),
                        HttpResponseStatus.METHOD_NOT_ALLOWED,
                        path + " is asked by " + String.join(" or ", methods));
    }

    /** Refuses a request without reading its body; a connection with a longer body than allowed is closed. */
    public static Mono<Void> refused(HttpServerResponse response, HttpResponseStatus status, String why) {
        return response.status(status)
                .header(HttpHeaderNames.CONTENT_TYPE, OBJECT)
                .keepAlive(!status.equals(HttpResponseStatus.REQUEST_ENTITY_TOO_LARGE))
                .sendString(Mono.just(error(why)), StandardCharsets.UTF_8)
                .then();
    }

    /** Returns what stands for the names in a pattern, and the whole path under the empty name; empty if the path does not fit. */
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

    private Publisher<Void> answer(
            Route route, Map<String, String> parts, HttpServerRequest request, HttpServerResponse response) {
        String after;
        try {
            after = after(request);
        } catch (IllegalArgumentException malformed) {
            return refused(response, HttpResponseStatus.BAD_REQUEST, words(malformed));
        }
        Flux<Map<String, Object>> objects = body(request)
                .flatMapMany(body -> route.answer()
                        .apply(new Route.Call(parts, after, body.isBlank() ? Map.of() : JsonReader.object(body))));
        if (route.form() == Route.Form.EVENTS) { // at once: the first event may be far off
            return following(
                    Mono.defer(() -> Mono.from(
                            accepts(request, EVENTS)
                                    ? events(objects, response)
                                    : lines(objects, response.header(HttpHeaderNames.CONTENT_TYPE, LINES)))),
                    response);
        }
        return objects.switchOnFirst((first, all) -> {
            Throwable failure = first.getThrowable();
            if (failure != null) {
                HttpResponseStatus status = failure instanceof TooLong
                        ? HttpResponseStatus.REQUEST_ENTITY_TOO_LARGE
                        : HttpResponseStatus.BAD_REQUEST;
                return refused(response, status, words(failure));
            }
            return lines(
                    all,
                    response.header(HttpHeaderNames.CONTENT_TYPE, route.form() == Route.Form.OBJECT ? OBJECT : LINES));
        });
    }

    private Mono<Void> following(Mono<Void> answer, HttpServerResponse response) {
        return Mono.using(
                followers::tryAcquire,
                isPlace -> isPlace
                        ? answer
                        : refused(
                                response,
                                HttpResponseStatus.SERVICE_UNAVAILABLE,
                                followersMax + " follow the events already, as many as there may be"),
                isPlace -> followers.release(isPlace ? 1 : 0));
    }

    private static Publisher<Void> lines(Flux<Map<String, Object>> all, HttpServerResponse response) {
        Flux<ByteBuf> lines = all.map(object -> Json.of(object) + "\n")
                .onErrorResume(late -> Mono.just(error(words(late))))
                .map(Answers::bytes);
        return response.sendHeaders().send(lines, each -> true).then(); // each is sent when it is known
    }

    private static Publisher<Void> events(Flux<Map<String, Object>> all, HttpServerResponse response) {
        Flux<String> told = all.map(object -> "id: " + object.get("id") + "\ndata: " + Json.of(object) + "\n\n");
        Flux<String> alive = Flux.interval(Duration.ZERO, STILL_HERE, Schedulers.parallel())
                .onBackpressureDrop()
                .map(tick -> ":\n\n");
        Sinks.Empty<Void> end = Sinks.empty();
        Flux<ByteBuf> both = Flux.merge(
                        told.onErrorComplete().doFinally(over -> end.tryEmitEmpty()),
                        alive.takeUntilOther(end.asMono()))
                .map(Answers::bytes);
        return response.header(HttpHeaderNames.CONTENT_TYPE, EVENTS)
                .send(both, each -> true)
                .then();
    }

    private static Mono<String> body(HttpServerRequest request) {
        return request.receive()
                .asByteArray()
                .reduceWith(ByteArrayOutputStream::new, (all, part) -> {
                    if (all.size() + part.length > BODY_BYTES_MAX) {
                        throw new TooLong();
                    }
                    all.writeBytes(part);
                    return all;
                })
                .map(all -> text(all.toByteArray()))
                .contextWrite(each -> each.put(DROPPED, (Consumer<Throwable>) Answers::isTold));
    }

    private static void isTold(Throwable again) {}

    // A String by itself would replace invalid bytes, and so make another name than the one that was sent.
    private static String text(byte[] body) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(body))
                    .toString();
        } catch (CharacterCodingException otherwise) {
            throw new IllegalArgumentException("the body is no text in UTF-8", otherwise);
        }
    }

    /** Thrown for a body that no well-meaning client would send. */
    private static final class TooLong extends IllegalArgumentException {
        private static final long serialVersionUID = 1;

        TooLong() {
            super("the body is longer than " + BODY_BYTES_MAX + " bytes");
        }
    }

    private static String after(HttpServerRequest request) {
        String header = request.requestHeaders().get(LAST_EVENT);
        List<String> asked = new QueryStringDecoder(request.uri()).parameters().getOrDefault("after", List.of());
        return header != null ? header : asked.isEmpty() ? "" : asked.get(0);
    }

    private static boolean accepts(HttpServerRequest request, String type) {
        return request.requestHeaders().getAll(HttpHeaderNames.ACCEPT).stream().anyMatch(each -> each.contains(type));
    }

    private static ByteBuf bytes(String text) {
        return Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII); // as Json writes it
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
