package io.dmio.nbd.client;

import java.nio.file.Path;
import java.util.Optional;

/**
 * The address of an export.
 *
 * @param host the server's name or address; empty for a unix socket
 * @param port the TCP port; 0 for a unix socket
 * @param socket the unix socket, or empty
 * @param export the name, which may be empty
 * @param tls whether the connection must be encrypted
 * @param text what people call it
 */
public record Remote(String host, int port, Optional<Path> socket, String export, boolean tls, String text) {

    @Override
    public String toString() {
        return text;
    }
}
