package io.dmio.nbd.client;

import io.dmio.DeviceException;
import io.dmio.DeviceGate;
import io.dmio.Errno;
import io.dmio.nbd.wire.ReceiveBuffers;
import io.dmio.nbd.wire.SessionId;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;
import reactor.core.scheduler.Schedulers;

/** Makes the connections of one client to an export: a socket and a handshake for each. */
@SuppressWarnings("FutureReturnValueIgnored") // of a close that nobody waits for
public class Connector {

    private final Remote remote;
    private final LinkOptions options;
    private final DeviceGate channels;
    private final UUID client = UUID.randomUUID();
    private final AtomicLong epoch = new AtomicLong();
    private final LinkCounts counts = new LinkCounts();

    /**
     * Creates one that has connected nowhere yet.
     *
     * @param channels counts the channels that are open
     */
    public Connector(Remote remote, LinkOptions options, DeviceGate channels) {
        this.remote = remote;
        this.options = options;
        this.channels = channels;
    }

    Remote remote() {
        return remote;
    }

    LinkOptions options() {
        return options;
    }

    /** Returns the counts of the connections that it makes. */
    public LinkCounts counts() {
        return counts;
    }

    /**
     * Makes one connection, told on its event loop; errors with a {@link DeviceException}. A cancel leaves no connection behind.
     *
     * @param loop the event loop; it must not be blocked, so names are looked up elsewhere
     * @param place the place of the connection among the client's
     */
    public Mono<ClientConnection> connect(EventLoop loop, int place) {
        return Mono.fromCallable(this::addresses)
                .subscribeOn(Schedulers.boundedElastic())
                .onErrorResume(
                        unknown -> Mono.<List<SocketAddress>>error(unknown).publishOn(Schedulers.fromExecutor(loop)))
                .flatMap(all -> Flux.fromIterable(all)
                        .concatMap(address -> connect(loop, address, place, all.size())
                                .map(Tried::new)
                                .onErrorResume(DeviceException.class, why -> Mono.just(new Tried(null, why))))
                        .takeUntil(tried -> !tried.isNobody())
                        .last())
                .flatMap(Tried::result)
                .doOnDiscard(Tried.class, Tried::hangUp);
    }

    /** The outcome of trying one address. */
    private record Tried(
            @Nullable ClientConnection connection, @Nullable DeviceException why) {

        Tried(ClientConnection connection) {
            this(connection, null);
        }

        /** Returns whether nobody was there, so that the next address may be tried: a server that refuses is the one that is meant. */
        boolean isNobody() {
            return why != null && (why.errno() == Errno.ENXIO || why.errno() == Errno.ETIMEDOUT);
        }

        void hangUp() {
            if (connection != null) {
                connection.hangUp();
            }
        }

        Mono<ClientConnection> result() {
            return why == null ? Mono.justOrEmpty(connection) : Mono.error(why);
        }
    }

    /** Returns all known addresses of the server, to be tried in turn; blocks. */
    List<SocketAddress> addresses() {
        Optional<Path> socket = remote.socket();
        if (socket.isPresent()) {
            return List.of(UnixDomainSocketAddress.of(socket.get()));
        }
        try {
            return Stream.of(InetAddress.getAllByName(remote.host()))
                    .<SocketAddress>map(address -> new InetSocketAddress(address, remote.port()))
                    .toList();
        } catch (UnknownHostException unknown) {
            throw cannot("no address is known of " + remote.host());
        }
    }

    private DeviceException cannot(String why) {
        return DeviceException.of(Errno.ENXIO, remote.toString(), "cannot connect: " + why);
    }

    private Mono<ClientConnection> connect(EventLoop loop, SocketAddress address, int place, int addresses) {
        return Mono.create(sink -> {
            if (!channels.enter()) {
                sink.error(cannot("given up"));
                return;
            }
            try {
                connect(loop, address, new Attempt(place, connectMillis(addresses), sink));
            } catch (Throwable thrown) { // Mono.create would throw it on if Reactor calls it fatal
                channels.exit();
                sink.error(thrown);
            }
        });
    }

    private record Attempt(int place, int connectMillis, MonoSink<ClientConnection> told) {}

    private void connect(EventLoop loop, SocketAddress address, Attempt attempt) {
        MonoSink<ClientConnection> told = attempt.told;
        SessionId session = new SessionId(client, attempt.place, epoch.incrementAndGet());
        ClientHandshakeHandler handshake = new ClientHandshakeHandler(remote, session, options, told);
        ChannelFuture connecting = bootstrap(loop, address, handshake)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, attempt.connectMillis)
                .connect(address);
        connecting.channel().closeFuture().addListener(closed -> channels.exit());
        connecting.addListener(connected -> {
            if (!connected.isSuccess()) {
                handshake.giveUp(cannot("" + connected.cause().getMessage()));
            }
        });
        // If a channel cannot be set up, Netty closes it and tells nobody else.
        connecting
                .channel()
                .closeFuture()
                .addListener(closed -> handshake.giveUp(
                        connecting.cause() == null
                                ? DeviceException.of(Errno.EIO, remote.toString(), "closed before the handshake began")
                                : cannot("" + connecting.cause().getMessage())));
        told.onCancel(() -> connecting.channel().close());
    }

    private Bootstrap bootstrap(EventLoop loop, SocketAddress address, ClientHandshakeHandler handshake) {
        Bootstrap bootstrap = new Bootstrap().group(loop).handler(new ChannelInitializer<>() {
            @Override
            protected void initChannel(Channel channel) {
                ReceiveBuffers.install(channel);
                channel.pipeline().addLast(handshake);
            }
        });
        return address instanceof UnixDomainSocketAddress
                ? bootstrap.channel(NioDomainSocketChannel.class)
                : bootstrap
                        .channel(NioSocketChannel.class)
                        .option(ChannelOption.TCP_NODELAY, true)
                        .option(ChannelOption.SO_KEEPALIVE, true);
    }

    // A part of the whole time, as later addresses need some of it, too.
    private int connectMillis(int addresses) {
        return (int) Math.min(Math.max(1, options.connectTimeout().toMillis() / addresses), Integer.MAX_VALUE);
    }
}
