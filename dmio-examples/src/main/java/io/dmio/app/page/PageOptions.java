package io.dmio.app.page;

import io.dmio.app.cli.HostPort;
import io.dmio.app.control.RunDirectory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options for where browsers find a server, and how they show that they may use it. */
public final class PageOptions {

    private static final String TOKEN = "page.token";

    @Option(
            names = "--page",
            paramLabel = "[HOST:]PORT",
            description =
                    "Serve a live page to browsers, with all that can be asked and done. A port alone is on 127.0.0.1; other"
                            + " addresses need --tls-cert and --tls-key. Whoever comes needs the token that"
                            + " \"dmio mirror page\" tells.")
    private @Nullable String address;

    @Option(
            names = "--page-token",
            paramLabel = "FILE",
            description = "The page's token; made if the file is not there. Default: " + TOKEN
                    + " in the run directory (--run-dir).")
    private @Nullable Path token;

    /**
     * Starts to listen, if an address was given; to be called before anything is opened. The page says that the server is starting until it
     * is told what is served.
     *
     * @param directory where the token is unless an option says
     * @param tls the server's encryption, if it has a certificate
     * @throws IllegalArgumentException if it is not an address, if somebody else listens there, if other machines can reach it and there is
     *     no certificate, or if others may read the token
     */
    public Page start(RunDirectory directory, Optional<PageTls> tls) {
        Optional<InetSocketAddress> where = where(tls.isPresent());
        if (where.isEmpty()) {
            return Page.off();
        }
        if (token == null) {
            directory.make();
        }
        Path file = token == null ? directory.path().resolve(TOKEN) : token;
        return Page.on(new PageEndpoint(where.get(), tls, Token.in(file)));
    }

    /**
     * Checks the options without looking at any file.
     *
     * @param encrypted whether the server has a certificate
     * @throws IllegalArgumentException if it is not an address, or if other machines can reach it and there is no certificate
     */
    public void check(boolean encrypted) {
        where(encrypted);
    }

    private Optional<InetSocketAddress> where(boolean encrypted) {
        if (address == null) {
            if (token != null) {
                throw new IllegalArgumentException("--page-token: there is no page; say where with --page PORT");
            }
            return Optional.empty();
        }
        HostPort where = HostPort.parse(address, "--page", "127.0.0.1:9465 or [::1]:9465");
        InetAddress at = resolved(where.host());
        if (!at.isLoopbackAddress() && !encrypted) {
            throw refused("other machines could come there, so it needs --tls-cert and --tls-key; a port alone is for"
                    + " this machine");
        }
        return Optional.of(new InetSocketAddress(at, where.port()));
    }

    private InetAddress resolved(String host) {
        try {
            return InetAddress.getByName(host);
        } catch (UnknownHostException unknown) {
            throw refused("no address is known of " + host);
        }
    }

    private IllegalArgumentException refused(String why) {
        return new IllegalArgumentException("--page " + address + ": " + why);
    }
}
