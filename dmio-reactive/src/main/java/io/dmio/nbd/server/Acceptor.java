package io.dmio.nbd.server;

import io.dmio.concurrent.Deferred;
import io.dmio.nbd.wire.ReceiveBuffers;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.handler.ssl.SslContext;
import io.netty.util.AttributeKey;
import java.util.IdentityHashMap;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** Receives clients: each gets a handshake, then a session on the export it chose. */
public final class Acceptor {

    /**
     * The most handshakes under way at a time. They have places of their own, so that peers that say nothing take no places from clients that
     * have agreed; and there are so many that some silent peers delay nobody.
     */
    static final int HANDSHAKES_MAX = 128;

    private static final AttributeKey<ServerSession> SESSION = AttributeKey.valueOf(Acceptor.class, "session");

    private final Exports catalogue;
    private final SessionLimits limits;
    private final ServerPages pages;
    private final StallWatch stalls;
    private final Places handshakes = new Places(HANDSHAKES_MAX);
    private final Places places; // of clients that have agreed, also those that left requests behind
    private final Tls tls;
    private final long handshakeMillis;
    private final IdentityHashMap<Export, ExportIo> devices = new IdentityHashMap<>();
    private final Set<ServerSession> sessions = ConcurrentHashMap.newKeySet();
    private final Predecessors predecessors = new Predecessors(this::over);
    private volatile boolean closing;

    /** Whether connections are encrypted, and with what. */
    public record Tls(TlsUse use, @Nullable SslContext context) {}

    public Acceptor(Exports catalogue, SessionLimits limits, Tls tls, long handshakeMillis) {
        this.catalogue = catalogue;
        this.limits = limits;
        this.pages = new ServerPages(limits.pagesMax(), limits.clientsMax());
        this.stalls = new StallWatch(pages, sessions, limits.stallTime());
        this.places = new Places(limits.clientsMax());
        this.tls = tls;
        this.handshakeMillis = handshakeMillis;
        for (Export export : catalogue.all()) {
            ExportIo shared = devices.values().stream()
                    .filter(io -> io.device().equals(export.device()))
                    .findFirst()
                    .orElseGet(() -> new ExportIo(export.device())); // one device, one lock
            devices.put(export, shared);
        }
    }

    /** Returns the places of clients that have not agreed yet. */
    Places handshakes() {
        return handshakes;
    }

    /** Returns the use of the pages that clients share. */
    PageUse pages() {
        return pages.use();
    }

    /**
     * Returns what is put on each connection that has a place for its handshake.
     *
     * @param agreed called on its event loop once it needs that place no more; not if it is closed before
     */
    ChannelInitializer<Channel> initializer(Runnable agreed) {
        return new ChannelInitializer<>() {
            @Override
            protected void initChannel(Channel channel) {
                ReceiveBuffers.install(channel);
                HandshakeHandler handshake = new HandshakeHandler(
                        encrypted -> new OptionNegotiation(catalogue, tls.use, encrypted),
                        tls.context,
                        new Sessions(agreed));
                channel.pipeline().addLast(handshake);
                ChannelHandlerContext context = channel.pipeline().context(handshake);
                channel.eventLoop().execute(() -> handshake.start(context, handshakeMillis)); // once it is active
            }
        };
    }

    private final class Sessions implements HandshakeHandler.Sessions {

        private final Runnable agreed;

        Sessions(Runnable agreed) {
            this.agreed = agreed;
        }

        @Override
        public boolean isWaitedFor() {
            return handshakes.isWaitedFor();
        }

        // The client's older connection goes first, as it may have the last place.
        @Override
        public Mono<Void> await(Channel channel, ServerTerms terms) {
            return predecessors
                    .enter(channel, terms.session(), io(terms))
                    .then(Mono.create(sink -> places.enter(() -> {
                        leaveInTheEnd(channel);
                        sink.success();
                    })));
        }

        // A client has its place until all it had in flight is over: each client has pages of its own, and one that
        // comes back while a device hangs would have them twice.
        private void leaveInTheEnd(Channel channel) {
            channel.closeFuture()
                    .addListener(closed -> Deferred.mono(() -> over(channel))
                            .doFinally(over -> places.leave())
                            .subscribe());
        }

        @Override
        public void begin(Channel channel, ServerTerms terms) {
            agreed.run();
            ServerSession session =
                    new ServerSession(terms, io(terms), goOn -> new Window(limits, pages, goOn), stalls);
            channel.attr(SESSION).set(session);
            channel.pipeline().addLast(session);
            sessions.add(session); // now that it can be told something
            RequestMeter meter = terms.export().meter();
            meter.connected();
            channel.closeFuture().addListener(closed -> {
                sessions.remove(session);
                meter.disconnected();
            });
            if (closing) {
                session.shutDown();
            }
        }

        private ExportIo io(ServerTerms terms) {
            ExportIo io = devices.get(terms.export());
            if (io == null) {
                throw new IllegalStateException("no device for " + terms.export());
            }
            return io;
        }
    }

    /** Returns when a closed connection uses nothing any more: at once, or when its requests have given their pages back. */
    Mono<Void> over(Channel closed) {
        ServerSession session = closed.attr(SESSION).get();
        return session == null ? Mono.empty() : session.over();
    }

    /** Lets sessions finish what they have, and take no more. */
    void shutDown() {
        closing = true;
        sessions.forEach(ServerSession::shutDown);
    }
}
