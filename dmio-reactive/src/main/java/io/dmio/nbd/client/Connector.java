package io.dmio.nbd.client;

import io.dmio.DeviceException;
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
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** Makes one client's connections to an export: a socket, and a handshake. */
@SuppressWarnings("FutureReturnValueIgnored") // of a close that nobody waits for
public class Connector {

    private final Remote remote;
    private final LinkOptions options;
    private final UUID client = UUID.randomUUID();
    private final AtomicLong epoch = new AtomicLong();

    public Connector(Remote remote, LinkOptions options) {
        this.remote = remote;
        this.options = options;
    }

    Remote remote() {
        return remote;
    }

    /**
     * One connection, told on its event loop; errors with a {@link DeviceException}. Whoever cancels leaves none behind.
     *
     * @param loop must not be blocked, so names are looked up elsewhere
     * @param place of the connection among the client's
     */
    public Mono<ClientConnection> connect(EventLoop loop, int place) {
        return Mono.fromCallable(this::address)
                .subscribeOn(Schedulers.boundedElastic())
                .onErrorResume(unknown -> Mono.<SocketAddress>error(unknown).publishOn(Schedulers.fromExecutor(loop)))
                .flatMap(address -> connect(loop, address, new SessionId(client, place, epoch.incrementAndGet())));
    }

    private SocketAddress address() {
        Optional<Path> socket = remote.socket();
        if (socket.isPresent()) {
            return UnixDomainSocketAddress.of(socket.get());
        }
        InetSocketAddress address = new InetSocketAddress(remote.host(), remote.port());
        if (address.isUnresolved()) {
            throw cannot("no address is known of " + remote.host());
        }
        return address;
    }

    private DeviceException cannot(String why) {
        return DeviceException.of(Errno.ENXIO, remote.toString(), "cannot connect: " + why);
    }

    private Mono<ClientConnection> connect(EventLoop loop, SocketAddress address, SessionId session) {
        return Mono.create(sink -> {
            ClientHandshakeHandler handshake = new ClientHandshakeHandler(remote, session, options, sink);
            ChannelFuture connecting = bootstrap(loop, address, handshake)
                    .connect(address)
                    .addListener(connected -> {
                        if (!connected.isSuccess()) {
                            sink.error(cannot("" + connected.cause().getMessage()));
                        }
                    });
            sink.onCancel(() -> connecting.channel().close());
        });
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
                        .option(ChannelOption.SO_KEEPALIVE, true)
                        .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int)
                                Math.min(options.connectTimeout().toMillis(), Integer.MAX_VALUE));
    }
}
