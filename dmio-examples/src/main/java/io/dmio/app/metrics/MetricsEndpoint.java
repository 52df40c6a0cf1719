package io.dmio.app.metrics;

import io.dmio.app.control.HttpEndpoint;
import io.dmio.metrics.LatencyBuckets;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.QueryStringDecoder;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.function.ToIntFunction;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Mono;
import reactor.netty.http.server.HttpServerRequest;
import reactor.netty.http.server.HttpServerResponse;

/** Answers Prometheus and health checks by HTTP, on one thread of its own. */
final class MetricsEndpoint implements AutoCloseable {

    private static final HttpEndpoint.Limits LIMITS =
            HttpEndpoint.Limits.USUAL.withHead(Duration.ofMinutes(2)); // longer than from one scrape to the next
    private static final int OK = 200;
    private static final int UNAVAILABLE = 503;
    private static final String TEXT = "text/plain; version=0.0.4; charset=utf-8"; // Prometheus' own

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final HttpEndpoint http;
    private volatile Mono<Health> health = Mono.just(Health.of(Health.State.STARTING));

    private MetricsEndpoint(String host, int port) {
        registry.config().meterFilter(LatencyBuckets.filter());
        List.of(
                        new JvmMemoryMetrics(),
                        new JvmThreadMetrics(),
                        new ProcessorMetrics(),
                        new FileDescriptorMetrics(),
                        new UptimeMetrics())
                .forEach(binder -> binder.bindTo(registry));
        http = HttpEndpoint.start(
                "dmio-metrics", new InetSocketAddress(host, port), LIMITS, server -> server.handle(this::answer));
    }

    /**
     * Starts to listen.
     *
     * @throws IllegalArgumentException if it cannot; the message says why
     */
    static MetricsEndpoint start(String host, int port) {
        try {
            return new MetricsEndpoint(host, port);
        } catch (IllegalArgumentException cannot) {
            throw new IllegalArgumentException("--metrics " + host + ":" + port + ": " + cannot.getMessage(), cannot);
        }
    }

    MeterRegistry registry() {
        return registry;
    }

    /** Sets what is asked from now on each time somebody wants to know the health. */
    void healthIs(Mono<Health> asked) {
        health = asked;
    }

    URI uri() {
        InetSocketAddress address = http.address();
        String host = address.getAddress().getHostAddress();
        return URI.create(
                "http://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + address.getPort() + "/metrics");
    }

    @Override
    public void close() {
        http.close();
        registry.close();
    }

    private Publisher<Void> answer(HttpServerRequest asked, HttpServerResponse answer) {
        String what = asked.method().name() + " " + new QueryStringDecoder(asked.uri()).rawPath();
        return switch (what) {
            case "GET /metrics" ->
                answer.header(HttpHeaderNames.CONTENT_TYPE, TEXT).sendString(Mono.fromSupplier(registry::scrape));
            case "GET /health", "HEAD /health" -> told(answer, Health.State::code);
            case "GET /health/live" -> told(answer, state -> state.live() ? OK : UNAVAILABLE);
            case "GET /health/ready" -> told(answer, state -> state.ready() ? OK : UNAVAILABLE);
            default -> answer.sendNotFound();
        };
    }

    private Mono<Void> told(HttpServerResponse answer, ToIntFunction<Health.State> code) {
        return Mono.defer(() -> health)
                .flatMap(now -> answer.status(new HttpResponseStatus(code.applyAsInt(now.state()), now.word()))
                        .header(HttpHeaderNames.CONTENT_TYPE, "application/json")
                        .header(HttpHeaderNames.CACHE_CONTROL, "no-store")
                        .sendString(Mono.just(now.json()))
                        .then());
    }
}
