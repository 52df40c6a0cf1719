package io.dmio.nbd;

import io.dmio.DeviceException;
import io.dmio.Errno;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.net.InetSocketAddress;
import java.net.UnixDomainSocketAddress;
import reactor.core.publisher.Mono;

/** Makes connections to an export: a socket, and a handshake. */
final class Connector {

    private final NbdUri uri;
    private final NbdOptions options;

    Connector(NbdUri uri, NbdOptions options) {
        this.uri = uri;
        this.options = options;
    }

    NbdUri uri() {
        return uri;
    }

    /** One connection, told on its event loop; errors with a {@link DeviceException}. */
    Mono<ClientConnection> connect(EventLoop loop) {
        return Mono.create(sink -> {
            ClientHandshakeHandler handshake = new ClientHandshakeHandler(uri, options, sink::success, sink::error);
            Bootstrap bootstrap = new Bootstrap().group(loop).handler(new ChannelInitializer<>() {
                @Override
                protected void initChannel(Channel channel) {
                    ReceiveBuffers.install(channel);
                    channel.pipeline().addLast(handshake);
                }
            });
            (uri.socket().isPresent()
                            ? bootstrap
                                    .channel(NioDomainSocketChannel.class)
                                    .connect(UnixDomainSocketAddress.of(
                                            uri.socket().get()))
                            : bootstrap
                                    .channel(NioSocketChannel.class)
                                    .option(ChannelOption.TCP_NODELAY, true)
                                    .option(ChannelOption.SO_KEEPALIVE, true)
                                    .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int)
                                            options.connectTimeout().toMillis())
                                    .connect(InetSocketAddress.createUnresolved(uri.host(), uri.port())))
                    .addListener(connected -> {
                        if (!connected.isSuccess()) {
                            sink.error(DeviceException.of(
                                    Errno.ENXIO,
                                    uri.toString(),
                                    "cannot connect: " + connected.cause().getMessage()));
                        }
                    });
        });
    }
}
