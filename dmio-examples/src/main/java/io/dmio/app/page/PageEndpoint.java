package io.dmio.app.page;

import io.dmio.app.control.Answers;
import io.dmio.app.control.HttpEndpoint;
import io.dmio.app.control.Route;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.QueryStringDecoder;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Mono;
import reactor.netty.http.server.HttpServer;
import reactor.netty.http.server.HttpServerRequest;
import reactor.netty.http.server.HttpServerResponse;

/** Answers browsers on one thread of its own: with the files of the page to all, and with what routes tell to those that know the token. */
final class PageEndpoint implements AutoCloseable {

    private static final String API = "/v1/";

    private static final Map<String, String> SAFE = Map.of(
            "Content-Security-Policy",
                    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none';"
                            + " form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'",
            "X-Content-Type-Options", "nosniff",
            "Referrer-Policy", "no-referrer",
            "Cross-Origin-Opener-Policy", "same-origin",
            "Cross-Origin-Resource-Policy", "same-origin",
            "Cache-Control", "no-store");

    private final Token token;
    private final Optional<PageTls> tls;
    private final HttpEndpoint.Limits limits;
    private final Gate gate;
    private final HttpEndpoint http;
    private volatile BiFunction<HttpServerRequest, HttpServerResponse, Publisher<Void>> answers = (asked, answer) ->
            Answers.refused(answer, HttpResponseStatus.SERVICE_UNAVAILABLE, "the server is starting");

    /**
     * Starts to listen.
     *
     * @throws IllegalArgumentException if it cannot; the message says why
     */
    PageEndpoint(InetSocketAddress address, Optional<PageTls> tls, Token token) {
        this(address, tls, token, HttpEndpoint.Limits.USUAL);
    }

    PageEndpoint(InetSocketAddress address, Optional<PageTls> tls, Token token, HttpEndpoint.Limits limits) {
        this.token = token;
        this.tls = tls;
        this.limits = limits;
        this.gate = new Gate(token, tls, address.getAddress());
        try {
            http = HttpEndpoint.start("dmio-page", address, limits, this::answering);
        } catch (IllegalArgumentException cannot) {
            throw new IllegalArgumentException(
                    "--page " + host(address.getAddress()) + ":" + address.getPort() + ": " + cannot.getMessage(),
                    cannot);
        }
    }

    private HttpServer answering(HttpServer server) {
        HttpServer plain = server.compress((asked, answer) -> !asked.uri().startsWith(API + "events"))
                .handle(this::answer);
        return tls.map(there -> plain.secure(spec -> spec.sslContext(there.context())))
                .orElse(plain);
    }

    /** Sets the routes whose answers are shown from now on. */
    void shows(List<Route> routes) {
        answers = new Answers(routes, limits);
    }

    URI uri() {
        InetSocketAddress at = http.address();
        String name = at.getAddress().isLoopbackAddress()
                ? host(at.getAddress())
                : tls.flatMap(there -> there.names().stream()
                                .filter(one -> !one.startsWith("*"))
                                .sorted()
                                .findFirst())
                        .orElse(host(at.getAddress()));
        return URI.create((tls.isPresent() ? "https://" : "http://") + name + ":" + at.getPort() + "/");
    }

    URI link() {
        return uri().resolve("#token=" + token.text());
    }

    static String host(InetAddress address) {
        return address instanceof Inet6Address
                ? "[" + address.getHostAddress().replaceAll("^0:0:0:0:0:0:0:1$", "::1") + "]"
                : address.getHostAddress();
    }

    private Publisher<Void> answer(HttpServerRequest asked, HttpServerResponse answer) {
        SAFE.forEach(answer::header);
        String path = new QueryStringDecoder(asked.uri()).rawPath();
        Optional<Gate.Refusal> refusal = gate.refusal(asked, !path.startsWith(API));
        if (refusal.isPresent()) {
            if (refusal.get().status().equals(HttpResponseStatus.UNAUTHORIZED)) {
                answer.header(HttpHeaderNames.WWW_AUTHENTICATE, "Bearer");
            }
            return Answers.refused(answer, refusal.get().status(), refusal.get().why());
        }
        return path.startsWith(API) ? answers.apply(asked, answer) : file(path, asked, answer);
    }

    private static Publisher<Void> file(String path, HttpServerRequest asked, HttpServerResponse answer) {
        Optional<PageFiles.File> file = PageFiles.at(path);
        if (file.isEmpty()) {
            return Answers.refused(answer, HttpResponseStatus.NOT_FOUND, "there is no " + path);
        }
        if (!asked.method().name().equals("GET")) {
            return Answers.refused(
                    answer.header(HttpHeaderNames.ALLOW, "GET"),
                    HttpResponseStatus.METHOD_NOT_ALLOWED,
                    path + " is asked by GET");
        }
        return answer.header(HttpHeaderNames.CONTENT_TYPE, file.get().type())
                .sendObject(Mono.fromSupplier(
                        () -> Unpooled.wrappedBuffer(file.get().bytes())));
    }

    @Override
    public void close() {
        http.close();
    }
}
