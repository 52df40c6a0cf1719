package io.dmio.app.page;

import io.dmio.app.control.Answers;
import io.dmio.app.control.Route;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.QueryStringDecoder;
import io.netty.handler.timeout.WriteTimeoutHandler;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiFunction;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Mono;
import reactor.netty.DisposableServer;
import reactor.netty.NettyPipeline;
import reactor.netty.http.server.HttpServer;
import reactor.netty.http.server.HttpServerRequest;
import reactor.netty.http.server.HttpServerResponse;
import reactor.netty.resources.LoopResources;

/** Answers browsers on one thread of its own: the files of the page to all, and what routes tell to whoever knows the token. */
final class PageEndpoint implements AutoCloseable {

    private static final Duration START_TIME_MAX = Duration.ofSeconds(10);
    private static final Duration END_TIME_MAX = Duration.ofSeconds(1);
    private static final Duration HEAD_TIME_MAX = Duration.ofSeconds(60); // of a request, and between two
    private static final Duration BODY_TIME_MAX = Duration.ofSeconds(10);
    private static final Duration WRITE_TIME_MAX = Duration.ofSeconds(30);
    private static final int CONNECTIONS_MAX = 64; // a browser has up to six

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
    private final Gate gate;
    private final LoopResources loops = LoopResources.create("dmio-page", 1, true);
    private final AtomicInteger connections = new AtomicInteger();
    private final DisposableServer server;
    private final Duration patience;
    private volatile BiFunction<HttpServerRequest, HttpServerResponse, Publisher<Void>> answers = (asked, answer) ->
            Answers.refused(answer, HttpResponseStatus.SERVICE_UNAVAILABLE, "the server is starting");

    /**
     * Listens.
     *
     * @throws IllegalArgumentException if it cannot, with why
     */
    PageEndpoint(InetAddress address, int port, Optional<PageTls> tls, Token token) {
        this(new InetSocketAddress(address, port), tls, token, HEAD_TIME_MAX);
    }

    PageEndpoint(InetSocketAddress address, Optional<PageTls> tls, Token token, Duration patience) {
        this.token = token;
        this.tls = tls;
        this.gate = new Gate(token, tls, address.getAddress());
        this.patience = patience;
        HttpServer http = HttpServer.create()
                .bindAddress(() -> address)
                .runOn(loops, false)
                .requestTimeout(patience.compareTo(BODY_TIME_MAX) < 0 ? patience : BODY_TIME_MAX)
                .compress((asked, answer) -> !asked.uri().startsWith(API + "events"))
                .doOnChannelInit((observer, channel, remote) -> limited(channel))
                .handle(this::answer);
        try {
            server = Objects.requireNonNull(tls.map(there -> http.secure(spec -> spec.sslContext(there.context())))
                    .orElse(http)
                    .bind()
                    .block(START_TIME_MAX));
        } catch (RuntimeException failed) {
            loops.dispose();
            Throwable why = failed.getCause() == null ? failed : failed.getCause();
            throw new IllegalArgumentException(
                    "--page " + host(address.getAddress()) + ":" + address.getPort() + ": cannot listen there: "
                            + why.getMessage(),
                    failed);
        }
    }

    @SuppressWarnings("FutureReturnValueIgnored") // nothing is to be done when it is over
    private void limited(Channel channel) {
        if (connections.incrementAndGet() > CONNECTIONS_MAX) {
            channel.close();
        }
        channel.closeFuture().addListener(closed -> connections.decrementAndGet());
        channel.pipeline()
                .addAfter(NettyPipeline.HttpCodec, "dmio-patience", new Patience(patience))
                .addFirst("dmio-write-time", new WriteTimeoutHandler(WRITE_TIME_MAX.toSeconds(), TimeUnit.SECONDS));
    }

    /** From now on it shows what these tell. */
    void shows(List<Route> routes) {
        answers = new Answers(routes);
    }

    URI uri() {
        InetSocketAddress at = (InetSocketAddress) server.address();
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
        server.dispose();
        loops.disposeLater(Duration.ZERO, END_TIME_MAX) // with connections that are kept
                .timeout(END_TIME_MAX.multipliedBy(2))
                .onErrorComplete()
                .block();
    }
}
