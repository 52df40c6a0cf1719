package io.dmio.examples;

import io.dmio.DmIo;
import io.dmio.IoRegion;
import io.dmio.StreamOptions;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.util.List;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Mono;
import reactor.netty.DisposableServer;
import reactor.netty.http.server.HttpServer;
import reactor.netty.http.server.HttpServerRequest;
import reactor.netty.http.server.HttpServerResponse;

/** {@code POST /image}: the body goes to several disks as it arrives. A slow disk slows the sender; memory stays bounded. */
public final class HttpBodyToMirror {

    private HttpBodyToMirror() {}

    /**
     * Starts the server on the loopback.
     *
     * @param port 0 for any free one
     * @param client with pages: they bound what is in memory, whatever the body's length
     * @param legs where each body goes
     * @return the server, to be disposed
     */
    public static Mono<? extends DisposableServer> start(int port, DmIo client, List<IoRegion> legs) {
        return HttpServer.create()
                .host("127.0.0.1")
                .port(port)
                .route(routes -> routes.post("/image", (request, response) -> mirror(client, legs, request, response)))
                .bind();
    }

    private static Publisher<Void> mirror(
            DmIo client, List<IoRegion> legs, HttpServerRequest request, HttpServerResponse response) {
        // Both the server, after it handed a buffer on, and write release each buffer: hence retain.
        return client.write(legs, request.receive().retain(), StreamOptions.NONE.withPadding())
                .flatMap(failed -> response.status(
                                failed.isClear() ? HttpResponseStatus.CREATED : HttpResponseStatus.BAD_GATEWAY)
                        .sendString(Mono.just(failed + "\n"))
                        .then());
    }
}
