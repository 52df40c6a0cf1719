package io.dmio.app.serve;

import io.dmio.app.cli.CommonOptions;
import io.dmio.app.cli.HostPort;
import io.dmio.app.metrics.Metrics;
import io.dmio.app.metrics.MetricsOptions;
import io.dmio.nbd.NbdServer;
import io.dmio.nbd.NbdTls;
import io.dmio.nbd.NbdUri;
import io.netty.handler.ssl.SslContext;
import io.netty.util.internal.PlatformDependent;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options for where a server listens, and which clients it trusts. */
public final class ServeOptions {

    private static final Duration SHUTDOWN = Duration.ofSeconds(5); // within what a stopped process waits

    @Option(
            names = "--listen",
            paramLabel = "HOST:PORT",
            description =
                    "Where to listen. Default: 127.0.0.1:10809, where only this machine can connect. Plain NBD has"
                            + " neither passwords nor encryption.")
    private @Nullable String listen;

    @Option(names = "--unix", paramLabel = "PATH", description = "Listen on a unix socket (mode 0600) instead.")
    private @Nullable Path unix;

    @Option(names = "--tls-cert", paramLabel = "FILE", description = "Certificate (PEM): clients must use TLS.")
    private @Nullable Path certificate;

    @Option(names = "--tls-key", paramLabel = "FILE", description = "The certificate's key (PEM, PKCS 8).")
    private @Nullable Path key;

    @Option(
            names = "--tls-ca",
            paramLabel = "FILE",
            description = "Whose certificates clients must show (PEM). Default: they need none.")
    private @Nullable Path authority;

    @Option(names = "--tls-optional", description = "Let clients without TLS in all the same.")
    private boolean tlsOptional;

    @Option(
            names = "--ready-fd",
            paramLabel = "N",
            description =
                    "Write a line with the URI to this file descriptor, too, once clients may come. systemd is told"
                            + " without it, for units of Type=notify.")
    private @Nullable Integer readyFd;

    @Option(
            names = "--connections",
            paramLabel = "N",
            description = "How many clients at a time; others wait. Default: 64.")
    private int connections = 64;

    @Option(
            names = "--budget",
            paramLabel = "SIZE",
            converter = CommonOptions.Pages.class,
            description = "Memory that the requests of all clients may take: 64M, 4096p. Default: 128M, or"
                    + " half of what the JVM may take beside its heap, if that is less.")
    private int budgetPages;

    @Option(
            names = "--log-json",
            description = "Log JSON objects, one a line, instead of text. The log goes to standard error either way.")
    private boolean logJson;

    @Mixin
    private MetricsOptions metrics = new MetricsOptions();

    /** Returns the meters, with their endpoint; to be called before anything is opened. */
    Metrics metrics() {
        return metrics.start();
    }

    boolean logsJson() {
        return logJson;
    }

    /**
     * Checks the options, and nothing else.
     *
     * @throws IllegalArgumentException if no server could be started with them; the message begins with the option
     */
    public void check() {
        if (connections < 1) {
            throw new IllegalArgumentException("--connections " + connections + ": at least 1");
        }
        if (unix != null && listen != null) {
            throw new IllegalArgumentException(
                    "--unix and --listen: a server listens in one place; leave one of them out");
        }
        if (listen != null) {
            place(listen);
        }
        boolean lacks = certificate == null || key == null;
        if (lacks && (certificate != null || key != null || authority != null || tlsOptional)) {
            String given = certificate != null
                    ? "--tls-cert"
                    : key != null ? "--tls-key" : authority != null ? "--tls-ca" : "--tls-optional";
            throw new IllegalArgumentException(given + ": TLS needs --tls-cert and --tls-key");
        }
        metrics.check();
    }

    /** Returns a builder of a server, to be given exports. */
    NbdServer.Builder builder() {
        check();
        NbdServer.Builder builder = NbdServer.builder()
                .connectionsMax(connections)
                .pagesMax(Budget.pages(budgetPages, PlatformDependent.maxDirectMemory()))
                .shutdownTimeout(SHUTDOWN);
        if (unix != null) {
            builder.bind(unix);
        } else {
            HostPort place = place(Objects.requireNonNullElse(listen, "127.0.0.1:" + NbdUri.PORT));
            builder.bind(place.host(), place.port());
        }
        certificate().ifPresent(own -> builder.tls(tls(own), !tlsOptional));
        return builder;
    }

    /** Returns where else it is told that the server is ready; to be called before anything is opened. */
    Optional<ReadyDescriptor> ready() {
        return Optional.ofNullable(readyFd).map(ReadyDescriptor::of);
    }

    /** Returns the certificate that the server shows to clients, if they use TLS. */
    public Optional<ServerCertificate> certificate() {
        return certificate == null || key == null
                ? Optional.empty()
                : Optional.of(new ServerCertificate(certificate, key));
    }

    private SslContext tls(ServerCertificate own) {
        return NbdTls.server(own.file(), own.key(), Optional.ofNullable(authority));
    }

    private static HostPort place(String listen) {
        int colon = listen.lastIndexOf(':');
        String host = colon < 0 ? listen : listen.substring(0, colon);
        if (colon < 0 && host.chars().allMatch(Character::isDigit)) { // an address to the resolver: 10997 is 0.0.42.245
            throw new IllegalArgumentException(
                    "--listen " + listen + ": is a port without a host; write 127.0.0.1:" + listen);
        }
        return new HostPort(
                host.replaceAll("[\\[\\]]", ""), colon < 0 ? NbdUri.PORT : port(listen.substring(colon + 1)));
    }

    private static int port(String text) {
        try {
            int port = Integer.parseInt(text);
            if (port >= 0 && port <= 0xffff) {
                return port;
            }
        } catch (NumberFormatException refusedBelow) {
            // as any other number that is not a port
        }
        throw new IllegalArgumentException("--listen: '" + text + "' is no port; 0 takes any that is free");
    }
}
