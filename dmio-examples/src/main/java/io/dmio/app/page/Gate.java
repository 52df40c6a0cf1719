package io.dmio.app.page;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.net.InetAddress;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import reactor.netty.http.server.HttpServerRequest;

/**
 * Decides which requests are let in. Another page that a browser has open must not reach the server, neither by the server's address (the
 * {@code Origin} is another's) nor by a name of its own that it has pointed to this machine ({@code Host} is that name). And a request for
 * more than the page's own files must have the token, which no browser sends by itself.
 */
final class Gate {

    private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "[::1]");
    private static final String BEARER = "Bearer ";
    private static final String JSON = "application/json";

    private final Token token;
    private final Optional<PageTls> tls;
    private final InetAddress address;

    /**
     * @param address the address that is listened on
     */
    Gate(Token token, Optional<PageTls> tls, InetAddress address) {
        this.token = token;
        this.tls = tls;
        this.address = address;
    }

    /** The reason why a request is not let in. */
    record Refusal(HttpResponseStatus status, String why) {}

    /**
     * Checks a request.
     *
     * @param open whether it is for one of the page's own files, which reveal nothing
     */
    Optional<Refusal> refusal(HttpServerRequest request, boolean open) {
        HttpHeaders headers = request.requestHeaders();
        List<String> hosts = headers.getAll(HttpHeaderNames.HOST);
        if (hosts.size() != 1 || !isMine(hosts.get(0))) {
            return refused(
                    HttpResponseStatus.MISDIRECTED_REQUEST,
                    "this server has another name: use the link that"
                            + " dmio mirror page tells, or a name that its certificate has");
        }
        String mine = (tls.isPresent() ? "https://" : "http://") + hosts.get(0);
        List<String> origins = headers.getAll(HttpHeaderNames.ORIGIN);
        if (!origins.isEmpty() && !origins.equals(List.of(mine))) {
            return refused(HttpResponseStatus.FORBIDDEN, "pages of others may not ask this server");
        }
        if (open) {
            return Optional.empty();
        }
        String site = headers.get("Sec-Fetch-Site", "same-origin");
        if (!site.equals("same-origin") && !site.equals("none")) {
            return refused(HttpResponseStatus.FORBIDDEN, "pages of others may not ask this server");
        }
        String given = headers.get(HttpHeaderNames.AUTHORIZATION, "");
        if (!given.regionMatches(true, 0, BEARER, 0, BEARER.length()) || !token.is(given.substring(BEARER.length()))) {
            return refused(
                    HttpResponseStatus.UNAUTHORIZED, "a token is needed: use the link that dmio mirror page tells");
        }
        boolean changes = request.method().name().equals("POST"); // other methods change nothing
        if (changes && !isJson(headers.get(HttpHeaderNames.CONTENT_TYPE, ""))) {
            return refused(HttpResponseStatus.UNSUPPORTED_MEDIA_TYPE, "the body is to be " + JSON);
        }
        return Optional.empty();
    }

    private static boolean isJson(String type) {
        return type.split(";", 2)[0].strip().equalsIgnoreCase(JSON);
    }

    private static Optional<Refusal> refused(HttpResponseStatus status, String why) {
        return Optional.of(new Refusal(status, why));
    }

    // The port may be a different one: that of a tunnel, or of a proxy.
    private boolean isMine(String host) {
        String name = host.replaceAll(":[0-9]*$", "").toLowerCase(Locale.ROOT);
        return (address.isLoopbackAddress() && LOOPBACK.contains(name))
                || (!address.isAnyLocalAddress() && name.equals(PageEndpoint.host(address)))
                || tls.filter(there -> there.isFor(name.replaceAll("[\\[\\]]", "")))
                        .isPresent();
    }
}
