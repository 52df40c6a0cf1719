package io.dmio.app.control;

import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

/** Gives the answers of its routes on a unix socket, to all that may open it. */
public final class ControlServer implements AutoCloseable {

    private final ControlSocket socket;
    private final HttpEndpoint http;

    private ControlServer(ControlSocket socket, List<Route> routes) {
        this.socket = socket;
        HttpEndpoint.Limits limits = HttpEndpoint.Limits.USUAL;
        this.http = HttpEndpoint.start(
                "dmio-control",
                UnixDomainSocketAddress.of(socket.bound()),
                limits,
                server -> server.handle(new Answers(routes, limits)));
    }

    /**
     * Starts the server; blocks.
     *
     * @param directory the directory, which is made if it is not there
     * @param socket the socket in it
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

    /** Ends all answers, and removes the socket. */
    @Override
    public void close() {
        try {
            http.close();
        } finally {
            socket.remove();
        }
    }
}
