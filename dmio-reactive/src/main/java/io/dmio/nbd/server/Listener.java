package io.dmio.nbd.server;

import io.dmio.DeviceException;
import io.dmio.Errno;
import io.dmio.concurrent.Deferred;
import io.dmio.nbd.wire.Transport;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.UnresolvedAddressException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** The socket of a server, its threads, and the connections that came in through it. */
public final class Listener {

    private static final int BACKLOG = 128;
    private static final WriteBufferWaterMark UNSENT = new WriteBufferWaterMark(1 << 20, 4 << 20);

    private final Acceptor acceptor;
    /** The send buffer of unix sockets, as large as allowed: it is small, and counts as writable only when three quarters are empty. */
    private static final int UNIX_SEND_BYTES = 1 << 20;

    private final Transport transport;
    private final ChannelGroup connections = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
    private final ChannelGroup waiting = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE, true); // for a handshake
    private final ChannelGroup agreeing =
            new DefaultChannelGroup(GlobalEventExecutor.INSTANCE, true); // of the connections
    private final Places handshakes;
    private final AcceptPauses pauses = new AcceptPauses(this::accepting);
    private volatile @Nullable Channel server;
    private volatile @Nullable UnixSocket unix;

    public Listener(Transport transport, Acceptor acceptor) {
        this.transport = transport;
        this.acceptor = acceptor;
        this.handshakes = acceptor.handshakes();
    }

    /** Listens on a port, or on a socket of the file system; fails with a {@link DeviceException}. */
    public Mono<Void> bind(SocketAddress address) {
        return address instanceof UnixDomainSocketAddress socket
                ? bind(socket.getPath())
                : bind((InetSocketAddress) address);
    }

    private Mono<Void> bind(InetSocketAddress address) {
        ServerBootstrap tcp = bootstrap()
                .channel(transport.tcp())
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .option(ChannelOption.SO_REUSEADDR, true)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.SO_KEEPALIVE, true);
        return Deferred.mono(() -> bound(tcp.bind(address)))
                .onErrorMap(failure -> cannot(address.getHostString() + ":" + address.getPort(), failure));
    }

    private Mono<Void> bind(Path path) {
        return Deferred.<Void>mono(() -> {
                    UnixSocket socket = UnixSocket.at(path);
                    unix = socket;
                    return bound(bootstrap()
                                    .channel(transport.unix())
                                    .childOption(ChannelOption.SO_SNDBUF, UNIX_SEND_BYTES)
                                    .bind(transport.unixAddress().apply(socket.bound())))
                            .then(Mono.<Void>fromRunnable(socket::publish))
                            .doOnError(failure -> socket.remove());
                })
                .onErrorMap(failure -> cannot(path.toString(), failure));
    }

    public SocketAddress address() {
        Channel bound = server;
        if (bound == null) {
            throw new IllegalStateException("not bound");
        }
        return bound.localAddress();
    }

    public int connectionCount() {
        return connections.size();
    }

    /** Returns the use of the pages that clients share. */
    public PageUse pages() {
        return acceptor.pages();
    }

    /** Ends sessions gently, and after a while in any case. */
    public Mono<Void> close(Duration patience) {
        return Mono.defer(() -> {
            Channel bound = server;
            UnixSocket socket = unix;
            Mono<Void> closed = bound == null ? Mono.empty() : done(bound.close());
            return closed.doFinally(end -> {
                        if (socket != null) {
                            socket.remove();
                        }
                    })
                    .then(done(waiting.close()))
                    .then(Mono.defer(() -> done(agreeing.close()))) // nothing was promised to them
                    .then(Deferred.<Void>mono(() -> {
                        acceptor.shutDown();
                        return Mono.empty();
                    }))
                    .then(done(connections.newCloseFuture()).timeout(patience))
                    .onErrorResume(TimeoutException.class, late -> done(connections.close()))
                    .then(stopped());
        });
    }

    private Mono<Void> stopped() {
        return transport.own()
                ? Mono.defer(() -> done(transport.loops().shutdownGracefully(0, 1, TimeUnit.SECONDS)))
                : Mono.empty();
    }

    private ServerBootstrap bootstrap() {
        return new ServerBootstrap()
                .group(transport.loops())
                .handler(pauses)
                .childOption(ChannelOption.AUTO_READ, false)
                .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, UNSENT)
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        waiting.add(channel);
                        handshakes.enter(() -> channel.eventLoop().execute(() -> letIn(channel)));
                        accepting();
                    }
                });
    }

    // A client that cannot begin its handshake is let in when another has ended its
    // own. One such client is accepted, or as many as the kernel took at once, so
    // that it is known that somebody waits; the others wait in the kernel's queue.
    private void letIn(Channel channel) {
        waiting.remove(channel);
        connections.add(channel);
        agreeing.add(channel);
        AtomicBoolean left = new AtomicBoolean();
        Runnable leave = () -> {
            if (!left.getAndSet(true)) {
                agreeing.remove(channel);
                handshakes.leave();
                accepting();
            }
        };
        transport.isGone().ifPresent(isGone -> channel.pipeline().addLast(DeadPeers.of(isGone)));
        channel.pipeline().addLast(acceptor.initializer(leave));
        channel.closeFuture().addListener(closed -> leave.run());
    }

    // On one thread: else the last to decide might not be the last to set it.
    private void accepting() {
        Channel bound = server;
        if (bound != null && bound.isOpen()) {
            bound.eventLoop()
                    .execute(() -> bound.config().setAutoRead(!handshakes.isWaitedFor() && !pauses.isPaused()));
        }
    }

    private Mono<Void> bound(ChannelFuture binding) {
        return done(binding)
                .doOnSuccess(done -> {
                    server = binding.channel();
                    accepting();
                })
                .onErrorResume(failure -> stopped().then(Mono.error(failure)));
    }

    private static Mono<Void> done(Future<?> future) {
        return Mono.create(sink -> future.addListener(ended -> {
            if (ended.isSuccess()) {
                sink.success();
            } else {
                sink.error(ended.cause());
            }
        }));
    }

    private static Throwable cannot(String place, Throwable failure) {
        return failure instanceof DeviceException
                ? failure
                : DeviceException.of(errno(failure), place, "cannot listen there: " + words(failure));
    }

    // The JDK gives the system's words, but no numbers.
    private static Errno errno(Throwable failure) {
        String words = words(failure);
        if (failure instanceof UnresolvedAddressException || words.contains("assign requested address")) {
            return Errno.EADDRNOTAVAIL;
        }
        return words.contains("ermission denied") ? Errno.EACCES : Errno.EBUSY;
    }

    private static String words(Throwable failure) {
        return failure instanceof UnresolvedAddressException ? "no address is known of it" : "" + failure.getMessage();
    }
}
