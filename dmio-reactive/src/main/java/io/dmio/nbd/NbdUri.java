package io.dmio.nbd;

import io.dmio.nbd.client.Remote;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The place of an export, as {@code doc/uri.md} of the NetworkBlockDevice project writes it: {@code nbd://host:port/export},
 * {@code nbds://…} with TLS, {@code nbd+unix:///export?socket=/path} and {@code nbds+unix://…}. Whatever the host, path and
 * name are, {@link #parse} reads what {@link #toString} writes.
 *
 * @param host the server's name or address; empty for a unix socket
 * @param port the TCP port; {@link #PORT} if the text has none, 0 for a unix socket
 * @param socket the unix socket, or empty
 * @param export the name, which may be empty
 * @param tls whether the connection must be encrypted
 * @param certificates a directory for that, as other clients have it: {@code ca-cert.pem}, whom to trust, and
 *     {@code client-cert.pem} with {@code client-key.pem}, what to show; each may be missing
 */
public record NbdUri(
        String host, int port, Optional<Path> socket, String export, boolean tls, Optional<Path> certificates) {

    /** The port on which servers listen unless told otherwise. */
    public static final int PORT = 10809;

    private static final Pattern SYNTAX =
            Pattern.compile("(?i:nbd(s?)(\\+unix)?)://([^/?#]*)(?:/([^?#]*))?(?:\\?([^#]*))?(#.*)?", Pattern.DOTALL);
    private static final Pattern AUTHORITY =
            Pattern.compile("(?:([^@]*)@)?(?:\\[([^\\[\\]]*)]|([^:\\[\\]]*))(?::([^:]*))?", Pattern.DOTALL);
    private static final Pattern SCHEME = Pattern.compile("(?i:nbds?(\\+unix)?):.*", Pattern.DOTALL);
    private static final String SOCKET = "socket=";
    private static final String CERTIFICATES = "tls-certificates=";

    // Characters that need no escape; in a path inside a query, none that some servers take for a separator or a blank.
    private static final String IN_PATH = "/:@!$&'()*+,;=";
    private static final String IN_QUERY = "/:@,";

    /** Checks that there is one place to connect to. */
    public NbdUri {
        Objects.requireNonNull(export, "export");
        if (socket.isPresent() != host.isEmpty() || port < 0 || port > 0xffff || (port == 0 && socket.isEmpty())) {
            throw new IllegalArgumentException("either a host and a port, or a socket: '" + host + "', " + port);
        }
        if (socket.isPresent() && socket.get().toString().isEmpty()) {
            throw new IllegalArgumentException("a socket's path is empty");
        }
        requireWhole("the export", export);
        requireWhole("the host", host);
        socket.ifPresent(path -> requireWhole("the socket", path.toString()));
        certificates.ifPresent(path -> requireWhole("the certificates", path.toString()));
        if (certificates.isPresent() && (!tls || certificates.get().toString().isEmpty())) {
            throw new IllegalArgumentException("certificates are a directory, and for nbds: and nbds+unix:");
        }
    }

    /**
     * Creates a URI without certificates of its own.
     *
     * @param host the server's name or address; empty for a unix socket
     * @param port the TCP port; 0 for a unix socket
     * @param socket the unix socket, or empty
     * @param export the name, which may be empty
     * @param tls whether the connection must be encrypted
     */
    public NbdUri(String host, int port, Optional<Path> socket, String export, boolean tls) {
        this(host, port, socket, export, tls, Optional.empty());
    }

    /**
     * Returns the place of an export on a host.
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
     * Returns the place of an export behind a unix socket.
     *
     * @param socket the path of the socket
     * @param export the name, which may be empty
     * @return the place, without TLS
     */
    public static NbdUri unix(Path socket, String export) {
        return new NbdUri("", 0, Optional.of(Objects.requireNonNull(socket, "socket")), export, false);
    }

    /**
     * Returns this place with certificates of its own.
     *
     * @param directory as {@link #certificates} describes it
     * @return the place
     */
    public NbdUri withCertificates(Path directory) {
        return new NbdUri(host, port, socket, export, tls, Optional.of(Objects.requireNonNull(directory, "directory")));
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
     * Returns whether a text is meant as such a URI.
     *
     * @param text a path or a URI
     * @return true if it starts with one of the schemes, in letters of either case, whatever follows
     */
    public static boolean isOne(String text) {
        return SCHEME.matcher(Objects.requireNonNull(text, "text")).matches();
    }

    /**
     * Parses a URI. Letters that are not ASCII may stand for themselves.
     *
     * @param text a URI
     * @return the place
     * @throws IllegalArgumentException if the text is no such URI, or says something that is not known here, such as another
     *     parameter than {@code socket}; the message says why
     */
    public static NbdUri parse(String text) {
        Matcher parts = SYNTAX.matcher(Objects.requireNonNull(text, "text"));
        if (!parts.matches()) {
            throw refusal(text, "it starts with nbd://, nbds://, nbd+unix:// or nbds+unix://");
        }
        if (parts.group(6) != null) {
            throw refusal(text, "it has a fragment; a # in a name is written %23");
        }
        boolean tls = !parts.group(1).isEmpty();
        try {
            String export = Percent.decode(orNothing(parts.group(4)));
            String query = orNothing(parts.group(5));
            Map<String, String> said = parameters(query, parts.group(2) != null, tls);
            NbdUri place = parts.group(2) != null
                    ? unix(parts.group(3), orNothing(said.get(SOCKET)), export, tls)
                    : tcp(parts.group(3), export, tls);
            String certificates = said.get(CERTIFICATES);
            return certificates == null ? place : place.withCertificates(Path.of(certificates));
        } catch (InvalidPathException bad) {
            throw refusal(text, "a socket's path is none: " + bad.getReason());
        } catch (IllegalArgumentException bad) {
            throw refusal(text, "" + bad.getMessage());
        }
    }

    private static Map<String, String> parameters(String query, boolean unix, boolean tls) {
        Map<String, String> said = new HashMap<>();
        for (String one : query.isEmpty() ? new String[0] : query.split("&", -1)) {
            String key = one.substring(0, one.indexOf('=') + 1);
            if (!(unix && key.equals(SOCKET)) && !(tls && key.equals(CERTIFICATES))) {
                throw new IllegalArgumentException("the parameter '" + one + "' is not known, and would be passed over"
                        + (unix ? "; a unix socket is named by ?socket=/path" : ""));
            }
            if (said.put(key, Percent.decode(one.substring(key.length()))) != null) {
                throw new IllegalArgumentException("there is one ?" + key + "/path at most");
            }
        }
        return said;
    }

    private static NbdUri unix(String authority, String socket, String export, boolean tls) {
        if (!authority.isEmpty()) {
            throw new IllegalArgumentException(
                    "a unix socket has no host and no port, so three slashes follow the scheme");
        }
        if (socket.isEmpty()) {
            throw new IllegalArgumentException("a unix socket is named by one ?socket=/path");
        }
        return new NbdUri("", 0, Optional.of(Path.of(socket)), export, tls);
    }

    private static NbdUri tcp(String authority, String export, boolean tls) {
        Matcher parts = AUTHORITY.matcher(authority);
        if (!parts.matches()) {
            throw new IllegalArgumentException(
                    "'" + authority + "' is no host and port: IPv6 addresses stand in brackets");
        }
        if (parts.group(1) != null) {
            throw new IllegalArgumentException("it names a user, which NBD does not know");
        }
        String host = Percent.decode(parts.group(2) != null ? parts.group(2) : orNothing(parts.group(3)));
        if (host.isEmpty()) {
            throw new IllegalArgumentException("it names no host");
        }
        return new NbdUri(host, port(orNothing(parts.group(4))), Optional.empty(), export, tls);
    }

    private static int port(String text) {
        if (text.isEmpty()) {
            return PORT;
        }
        if (!text.matches("0*[1-9][0-9]{0,4}") || Integer.parseInt(text) > 0xffff) {
            throw new IllegalArgumentException("the port '" + text + "' is not 1 to 65535");
        }
        return Integer.parseInt(text);
    }

    /**
     * Returns the URI, as {@link #parse} reads it.
     *
     * @return the URI, in ASCII
     */
    @Override
    public String toString() {
        String scheme = tls ? "nbds" : "nbd";
        String name = Percent.encode(export, IN_PATH);
        String trust = certificates
                .map(path -> CERTIFICATES + Percent.encode(path.toString(), IN_QUERY))
                .orElse("");
        if (socket.isPresent()) {
            return scheme + "+unix:///" + name + "?" + SOCKET
                    + Percent.encode(socket.get().toString(), IN_QUERY) + (trust.isEmpty() ? "" : "&" + trust);
        }
        String place = host.indexOf(':') < 0
                ? Percent.encode(host, "")
                : "[" + Percent.encode(host, ":") + "]"; // an address of IPv6
        return scheme + "://" + place + (port == PORT ? "" : ":" + port)
                + (name.isEmpty() && trust.isEmpty() ? "" : "/" + name) + (trust.isEmpty() ? "" : "?" + trust);
    }

    private static String orNothing(@Nullable String part) {
        return Objects.requireNonNullElse(part, "");
    }

    private static void requireWhole(String what, String text) {
        if (!Percent.canEncode(text)) {
            throw new IllegalArgumentException(what + " '" + text + "' has half of a character in its name");
        }
    }

    private static IllegalArgumentException refusal(String text, String why) {
        return new IllegalArgumentException("'" + text + "' is no NBD URI: " + why);
    }
}
