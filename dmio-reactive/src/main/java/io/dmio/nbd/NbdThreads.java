package io.dmio.nbd;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;

/** Event loops: a few, as one serves many connections. Their threads keep no process alive. */
final class NbdThreads {

    private static final int THREADS_MAX = 4;

    private NbdThreads() {}

    /** A new group, for whoever shuts it down. */
    static EventLoopGroup named(String name) {
        return new MultiThreadIoEventLoopGroup(
                Math.min(THREADS_MAX, Runtime.getRuntime().availableProcessors()),
                new DefaultThreadFactory(name, true),
                NioIoHandler.newFactory());
    }
}
