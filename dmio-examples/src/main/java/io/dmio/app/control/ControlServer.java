package io.dmio.app.control;

import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import reactor.netty.DisposableServer;
import reactor.netty.http.server.HttpServer;
import reactor.netty.resources.LoopResources;

/** Gives the answers of its routes on a unix socket, to whoever may open it. */
public final class ControlServer implements AutoCloseable {

    private static final Duration STOP_MAX = Duration.ofSeconds(2);

    private final ControlSocket socket;
    private final LoopResources loops = LoopResources.create("dmio-control", 1, true);
    private final DisposableServer server;

    private ControlServer(ControlSocket socket, List<Route> routes) {
        this.socket = socket;
        this.server = HttpServer.create()
                .bindAddress(() -> UnixDomainSocketAddress.of(socket.bound()))
                .runOn(loops, false) // NIO: the JDK has unix sockets since 16
                .handle(new Answers(routes))
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
}
