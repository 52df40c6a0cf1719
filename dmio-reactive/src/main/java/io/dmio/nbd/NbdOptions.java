package io.dmio.nbd;

import io.dmio.nbd.client.LinkOptions;
import io.netty.handler.ssl.SslContext;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/**
 * The options of a client for its server. Immutable.
 *
 * @param connectionsMax how many connections, where the server says that several are safe
 * @param connectTimeout the time limit for a connection and its handshake
 * @param replyTimeout a connection that owes an answer for longer, and on which nothing comes or goes, counts as lost
 * @param requestTimeout how long one operation may take over all connections; then it fails with EIO, whatever its connection
 *     may take. If something comes or goes on that connection, the time begins again, up to ten times. As a change that failed
 *     this way may still be done, its connection is given up
 * @param afterLoss when the client goes on after it lost a connection that owed answers to changes
 * @param tls for {@code nbds:}, whom to trust and what to show; empty for what the JDK trusts
 */
public record NbdOptions(
        int connectionsMax,
        Duration connectTimeout,
        Duration replyTimeout,
        Duration requestTimeout,
        AfterLoss afterLoss,
        Optional<SslContext> tls) {

    private static final int CONNECTIONS_MAX = 1024; // all are opened at once

    /**
     * The defaults: four connections; 10 s to connect, 15 s for an answer, 30 s for an operation; after a loss nothing is sent
     * until the server closed the old connection, or for 5 minutes.
     */
    public static final NbdOptions DEFAULT = new NbdOptions(
            4,
            Duration.ofSeconds(10),
            Duration.ofSeconds(15),
            Duration.ofSeconds(30),
            AfterLoss.whenClosed(Duration.ofMinutes(5)),
            Optional.empty());

    /**
     * Checks the numbers.
     *
     * @throws IllegalArgumentException if the connections are not 1 to 1,024, or a time is not more than nothing and at most
     *     36,500 days
     */
    public NbdOptions {
        if (connectionsMax < 1 || connectionsMax > CONNECTIONS_MAX) {
            throw new IllegalArgumentException("connectionsMax " + connectionsMax + ": 1 to " + CONNECTIONS_MAX);
        }
        TimeLimits.positive("connectTimeout", connectTimeout);
        TimeLimits.positive("replyTimeout", replyTimeout);
        TimeLimits.positive("requestTimeout", requestTimeout);
        Objects.requireNonNull(afterLoss, "afterLoss");
        Objects.requireNonNull(tls, "tls");
    }

    /**
     * Returns these options with another number of connections.
     *
     * @param count 1 to 1,024
     * @return new options
     */
    public NbdOptions withConnectionsMax(int count) {
        return new NbdOptions(count, connectTimeout, replyTimeout, requestTimeout, afterLoss, tls);
    }

    /**
     * Returns these options with other timeouts.
     *
     * @param reply a connection that owes an answer for longer counts as lost
     * @param request an operation that takes longer, over all connections, fails with EIO
     * @return new options
     */
    public NbdOptions withTimeouts(Duration reply, Duration request) {
        return new NbdOptions(
                connectionsMax,
                connectTimeout,
                Objects.requireNonNull(reply, "reply"),
                Objects.requireNonNull(request, "request"),
                afterLoss,
                tls);
    }

    /**
     * Returns these options with another rule for what a lost connection may still do. A {@link NbdServer} is asked, and needs
     * no rule.
     *
     * @param rule when the client goes on
     * @return new options
     */
    public NbdOptions withAfterLoss(AfterLoss rule) {
        return new NbdOptions(connectionsMax, connectTimeout, replyTimeout, requestTimeout, rule, tls);
    }

    /**
     * Returns these options with a TLS context.
     *
     * @param context of a client; the server's name is checked whatever it says
     * @return new options
     */
    public NbdOptions withTls(SslContext context) {
        return new NbdOptions(
                connectionsMax,
                connectTimeout,
                replyTimeout,
                requestTimeout,
                afterLoss,
                Optional.of(Objects.requireNonNull(context, "context")));
    }

    LinkOptions forLink() {
        return new LinkOptions(
                connectionsMax,
                connectTimeout,
                replyTimeout,
                requestTimeout,
                new LinkOptions.LossRule(afterLoss.believesClose(), afterLoss.grace()),
                tls);
    }
}
