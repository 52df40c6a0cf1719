package io.dmio.nbd;

import io.dmio.nbd.client.Remote;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnixDomainSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Where an export is, as {@code doc/uri.md} of the NetworkBlockDevice project writes it: {@code nbd://host:port/export},
 * {@code nbds://…} with TLS, {@code nbd+unix:///export?socket=/path} and {@code nbds+unix://…}.
 *
 * @param host the server's name or address; empty for a unix socket
 * @param port TCP; {@link #PORT} if the text has none, 0 for a unix socket
 * @param socket the unix socket, or empty
 * @param export the name, which may be empty
 * @param tls whether the connection must be encrypted
 */
public record NbdUri(String host, int port, Optional<Path> socket, String export, boolean tls) {

    /** Where servers listen unless told otherwise. */
    public static final int PORT = 10809;

    private static final String UNIX = "+unix";
    private static final String SOCKET = "socket";

    /** Checks that there is one place to connect to. */
    public NbdUri {
        Objects.requireNonNull(export, "export");
        if (socket.isPresent() != host.isEmpty() || port < 0 || port > 0xffff || (port == 0 && socket.isEmpty())) {
            throw new IllegalArgumentException("either a host and a port, or a socket: '" + host + "', " + port);
        }
        if (!StandardCharsets.UTF_8.newEncoder().canEncode(export)) {
            throw new IllegalArgumentException("the export '" + export + "' has half of a character in its name");
        }
    }

    /**
     * An export on a host.
     *
     * @param host name or address
     * @param port 1 to 65535
     * @param export the name, which may be empty
     * @return the place, without TLS
     */
    public static NbdUri tcp(String host, int port, String export) {
        return new NbdUri(host, port, Optional.empty(), export, false);
    }

    /**
     * An export behind a unix socket.
     *
     * @param socket its path
     * @param export the name, which may be empty
     * @return the place, without TLS
     */
    public static NbdUri unix(Path socket, String export) {
        return new NbdUri("", 0, Optional.of(socket), export, false);
    }

    Remote remote() {
        return new Remote(host, port, socket, export, tls, toString());
    }

    /** An export of a server on this machine, by the address that it listens on. */
    static NbdUri at(SocketAddress address, String export, boolean tls) {
        if (address instanceof UnixDomainSocketAddress unix) {
            return new NbdUri("", 0, Optional.of(unix.getPath()), export, tls);
        }
        InetSocketAddress inet = (InetSocketAddress) address;
        String host = inet.getAddress().isAnyLocalAddress()
                ? "localhost"
                : inet.getAddress().getHostAddress();
        return new NbdUri(host, inet.getPort(), Optional.empty(), export, tls);
    }

    /**
     * Whether a text is meant as one.
     *
     * @param text a path or a URI
     * @return true if it starts with one of the schemes, whatever follows
     */
    public static boolean isOne(String text) {
        return text.startsWith("nbd:")
                || text.startsWith("nbds:")
                || text.startsWith("nbd+unix:")
                || text.startsWith("nbds+unix:");
    }

    /**
     * Reads one.
     *
     * @param text a URI
     * @return the place
     * @throws IllegalArgumentException if it is none; the message says why
     */
    public static NbdUri parse(String text) {
        URI uri;
        try {
            uri = new URI(text);
        } catch (URISyntaxException bad) {
            throw refusal(text, bad.getReason() + " at character " + bad.getIndex());
        }
        if (!isOne(text) || uri.isOpaque()) {
            throw refusal(text, "it starts with nbd://, nbds://, nbd+unix:// or nbds+unix://");
        }
        String scheme = uri.getScheme();
        boolean tls = scheme.startsWith("nbds");
        String path = Objects.requireNonNullElse(uri.getPath(), "");
        String export = path.startsWith("/") ? path.substring(1) : path;
        if (scheme.endsWith(UNIX)) {
            String socket = query(uri).get(SOCKET);
            if (socket == null || socket.isEmpty()) {
                throw refusal(text, "a unix socket is named by ?socket=/path");
            }
            return new NbdUri("", 0, Optional.of(Path.of(socket)), export, tls);
        }
        String host = uri.getHost();
        if (host == null) {
            throw refusal(text, "it names no host");
        }
        int port = uri.getPort() < 0 ? PORT : uri.getPort();
        return new NbdUri(bare(host), port, Optional.empty(), export, tls);
    }

    /**
     * As {@link #parse} reads it.
     *
     * @return the URI
     */
    @Override
    public String toString() {
        String scheme = tls ? "nbds" : "nbd";
        try {
            return socket.isPresent()
                    ? new URI(scheme + UNIX, "", "/" + export, SOCKET + "=" + socket.get(), null).toASCIIString()
                    : new URI(
                                    scheme,
                                    null,
                                    host,
                                    port == PORT ? -1 : port,
                                    export.isEmpty() ? "" : "/" + export,
                                    null,
                                    null)
                            .toASCIIString();
        } catch (URISyntaxException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private static Map<String, String> query(URI uri) {
        Map<String, String> all = new LinkedHashMap<>();
        for (String one : Objects.requireNonNullElse(uri.getQuery(), "").split("&", -1)) {
            int equals = one.indexOf('=');
            if (equals > 0) {
                all.put(one.substring(0, equals), one.substring(equals + 1));
            }
        }
        return all;
    }

    private static String bare(String host) {
        return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    }

    private static IllegalArgumentException refusal(String text, String why) {
        return new IllegalArgumentException("'" + text + "' is no NBD URI: " + why);
    }
}
