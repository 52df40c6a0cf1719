package io.dmio.app.control;

import io.netty.channel.Channel;
import io.netty.handler.timeout.WriteTimeoutHandler;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.channels.UnresolvedAddressException;
import java.time.Duration;
import java.util.Collections;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import reactor.netty.DisposableServer;
import reactor.netty.NettyPipeline;
import reactor.netty.http.server.HttpServer;
import reactor.netty.resources.LoopResources;

/**
 * Answers all that can connect by HTTP, on one thread of its own. There are limits so that nobody does harm just by connecting: a connection
 * takes a file descriptor of the process, of which a server of disks needs some, and memory for what is not read.
 */
public final class HttpEndpoint implements AutoCloseable {

    private static final Duration START_TIME_MAX = Duration.ofSeconds(10);
    private static final Duration END_TIME_MAX = Duration.ofSeconds(1);

    private final LoopResources loops;
    private final DisposableServer server;
    private final Limits limits;
    private final AtomicInteger connections = new AtomicInteger();
    private final Set<Channel> waiting = Collections.synchronizedSet(new LinkedHashSet<>()); // the longest first

    /**
     * The limits for guests.
     *
     * @param connections the most at a time; for one more, the one that has asked for nothing for longest is closed, else the new one
     * @param head the time for the head of a request, from the start of the connection or the last answer on
     * @param body the time for its body
     * @param answer the time in which some of an answer must be taken
     */
    public record Limits(int connections, Duration head, Duration body, Duration answer) {

        /** The usual limits, so wide that well-meaning clients never meet them; a browser has up to six connections. */
        public static final Limits USUAL =
                new Limits(64, Duration.ofSeconds(60), Duration.ofSeconds(10), Duration.ofSeconds(30));

        /** Returns these limits with another time for heads. */
        public Limits withHead(Duration time) {
            return new Limits(connections, time, body, answer);
        }
    }

    private HttpEndpoint(String name, SocketAddress address, Limits limits, UnaryOperator<HttpServer> how) {
        this.limits = limits;
        this.loops = LoopResources.create(name, 1, true);
        HttpServer http = HttpServer.create()
                .bindAddress(() -> address)
                .runOn(loops, false)
                .requestTimeout(limits.body())
                .doOnChannelInit((observer, channel, remote) -> limited(channel));
        try {
            server = Objects.requireNonNull(how.apply(http).bind().block(START_TIME_MAX));
        } catch (RuntimeException failed) {
            loops.dispose();
            throw failed;
        }
    }

    /**
     * Starts to listen.
     *
     * @param name the name of its thread
     * @param address the address of a socket in a directory, or of a port, 0 for any that is free
     * @param limits the limits of each guest, and of all
     * @param how it answers
     * @throws IllegalArgumentException if it cannot; the message says why
     */
    public static HttpEndpoint start(String name, SocketAddress address, Limits limits, UnaryOperator<HttpServer> how) {
        try {
            return new HttpEndpoint(name, address, limits, how);
        } catch (RuntimeException failed) {
            throw new IllegalArgumentException("cannot listen there: " + words(failed), failed);
        }
    }

    @SuppressWarnings("FutureReturnValueIgnored") // nothing is to be done when it is over
    private void limited(Channel channel) {
        if (connections.incrementAndGet() > limits.connections()) {
            leaving(channel).close();
        }
        channel.closeFuture().addListener(closed -> connections.decrementAndGet());
        channel.pipeline()
                .addAfter(NettyPipeline.HttpCodec, "dmio-patience", new Patience(limits.head(), waiting))
                .addFirst(
                        "dmio-write-time",
                        new WriteTimeoutHandler(limits.answer().toMillis(), TimeUnit.MILLISECONDS));
    }

    private Channel leaving(Channel newcomer) {
        synchronized (waiting) {
            Iterator<Channel> longest = waiting.iterator();
            if (!longest.hasNext()) {
                return newcomer;
            }
            Channel silent = longest.next();
            longest.remove();
            return silent;
        }
    }

    private static String words(Throwable failed) {
        Throwable why = failed instanceof BindException || failed.getCause() == null ? failed : failed.getCause();
        return why instanceof UnresolvedAddressException
                ? "no address is known of it"
                : String.valueOf(why.getMessage());
    }

    /** Returns where it listens. */
    public InetSocketAddress address() {
        return (InetSocketAddress) server.address();
    }

    @Override
    public void close() {
        server.dispose();
        loops.disposeLater(Duration.ZERO, END_TIME_MAX) // with connections that are kept
                .timeout(END_TIME_MAX.multipliedBy(2))
                .onErrorComplete()
                .block();
    }
}
