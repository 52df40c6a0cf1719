package io.dmio.nbd.wire;

import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoEventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerDomainSocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.channel.uring.IoUringIoHandler;
import io.netty.channel.uring.IoUringServerDomainSocketChannel;
import io.netty.channel.uring.IoUringServerSocketChannel;
import io.netty.channel.uring.IoUringSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.spi.SelectorProvider;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * Event loops, and the kinds of sockets that they drive.
 *
 * @param own whether the user of the loops shuts them down
 * @param isGone whether a channel's peer has closed or reset it, where a channel may have been told so and have missed it
 */
public record Transport(
        EventLoopGroup loops,
        boolean own,
        Class<? extends ServerChannel> tcp,
        Class<? extends ServerChannel> unix,
        Function<Path, SocketAddress> unixAddress,
        Optional<Predicate<Channel>> isGone) {

    private static final int THREADS_MAX = 4; // a few: one serves many connections

    /** Returns new threads, which the caller shuts down. They keep no process alive. */
    public static Transport own(String name) {
        return own(name, NioIoHandler.newFactory());
    }

    /** Returns new threads for a server, which the caller shuts down: they look for work for a little while before they sleep. */
    public static Transport serving(String name) {
        return own(name, NioIoHandler.newFactory(SelectorProvider.provider(), () -> BriefSpin.INSTANCE));
    }

    private static Transport own(String name, IoHandlerFactory handlers) {
        return nio(
                new MultiThreadIoEventLoopGroup(
                        Math.min(THREADS_MAX, Runtime.getRuntime().availableProcessors()),
                        new DefaultThreadFactory(name, true),
                        handlers),
                true);
    }

    /**
     * Uses the event loops of somebody else.
     *
     * @throws IllegalArgumentException if sockets cannot run on them
     */
    public static Transport on(IoEventLoopGroup loops) {
        if (loops.isIoType(NioIoHandler.class)) {
            return nio(loops, false);
        }
        if (Uring.drives(loops)) {
            return Uring.on(loops);
        }
        throw new IllegalArgumentException(loops + ": event loops of NIO or of io_uring are needed");
    }

    private static Transport nio(EventLoopGroup loops, boolean own) {
        return new Transport(
                loops,
                own,
                NioServerSocketChannel.class,
                NioServerDomainSocketChannel.class,
                UnixDomainSocketAddress::of,
                Optional.empty()); // a selector tells it again and again
    }

    /** A class of its own, as Netty's io_uring need not be on the class path. */
    private static final class Uring {

        private static final int TCP_CLOSE = 7; // include/net/tcp_states.h
        private static final int TCP_CLOSE_WAIT = 8;

        static boolean drives(IoEventLoopGroup loops) {
            try {
                return loops.isIoType(IoUringIoHandler.class);
            } catch (NoClassDefFoundError absent) {
                return false;
            }
        }

        static Transport on(IoEventLoopGroup loops) {
            return new Transport(
                    loops,
                    false,
                    IoUringServerSocketChannel.class,
                    IoUringServerDomainSocketChannel.class,
                    path -> new DomainSocketAddress(path.toString()),
                    Optional.of(Uring::isGone));
        }

        private static boolean isGone(Channel channel) {
            if (!(channel instanceof IoUringSocketChannel tcp)) {
                return false; // unix sockets are polled again for each read
            }
            try {
                int state = tcp.tcpInfo().state();
                return state == TCP_CLOSE || state == TCP_CLOSE_WAIT;
            } catch (ChannelException closed) {
                return !tcp.isOpen();
            }
        }
    }
}
