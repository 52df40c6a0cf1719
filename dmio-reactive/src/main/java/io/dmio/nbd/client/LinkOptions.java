package io.dmio.nbd.client;

import io.netty.handler.ssl.SslContext;
import java.time.Duration;
import java.util.Optional;

/**
 * The options of a client for its server.
 *
 * @param connectionsMax how many connections, where the server says that several are safe
 * @param connectTimeout the time limit for a connection and its handshake
 * @param replyTimeout a connection that owes an answer for longer counts as lost
 * @param requestTimeout how long one operation may take over all connections
 * @param afterLoss when the client goes on after it lost a connection that owed answers to changes
 * @param tls whom to trust and what to show; empty for what the JDK trusts
 */
public record LinkOptions(
        int connectionsMax,
        Duration connectTimeout,
        Duration replyTimeout,
        Duration requestTimeout,
        LossRule afterLoss,
        Optional<SslContext> tls) {

    /**
     * The rule for when a lost connection is taken to do nothing any more.
     *
     * @param believesClose once the server closed it by itself
     * @param grace after this time, whatever the server said
     */
    public record LossRule(boolean believesClose, Duration grace) {}
}
