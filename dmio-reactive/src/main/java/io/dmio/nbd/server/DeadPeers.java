package io.dmio.nbd.server;

import io.dmio.concurrent.LookClock;
import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.util.concurrent.EventExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Closes a connection whose peer is gone if its channel does not tell. Netty's io_uring channels are told once that a socket was reset or
 * closed; if that comes while nobody reads, or together with the last bytes, a later read waits for ever. So a connection that waits for
 * bytes for some time, and gets none, looks once at the state of the socket: from then on there is a read to be told. Owned by the channel's
 * event loop.
 */
@SuppressWarnings("FutureReturnValueIgnored") // of a close that nobody waits for
final class DeadPeers extends ChannelDuplexHandler {

    static final long LOOK_MILLIS = 500;
    private static final Logger LOG = LoggerFactory.getLogger(DeadPeers.class);

    private final Predicate<Channel> isGone;
    private final BiConsumer<EventExecutor, Runnable> later;
    private boolean looking; // a timer runs
    private boolean moved; // since the timer was set
    private boolean waiting; // for bytes that were asked for

    /**
     * @param later runs a task on a loop after {@link #LOOK_MILLIS}
     */
    DeadPeers(Predicate<Channel> isGone, BiConsumer<EventExecutor, Runnable> later) {
        this.isGone = isGone;
        this.later = later;
    }

    /** Returns a handler whose looks cost no timer of the channel's loop. Throws if the system has no thread for their clock. */
    static DeadPeers of(Predicate<Channel> isGone) {
        LookClock.start();
        return new DeadPeers(
                isGone,
                (loop, look) -> LookClock.tell(() -> loop.execute(look), TimeUnit.MILLISECONDS.toNanos(LOOK_MILLIS)));
    }

    @Override
    public void read(ChannelHandlerContext context) throws Exception {
        super.read(context);
        moved |= !waiting;
        waiting = true;
        lookLater(context);
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) throws Exception {
        moved = true;
        super.channelRead(context, message);
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) throws Exception {
        waiting = false;
        super.channelReadComplete(context);
    }

    private void lookLater(ChannelHandlerContext context) {
        if (!looking) {
            looking = true;
            moved = false;
            later.accept(context.executor(), () -> look(context));
        }
    }

    private void look(ChannelHandlerContext context) {
        looking = false;
        if (!waiting || !context.channel().isOpen()) {
            return; // the next read looks again
        }
        if (moved) {
            lookLater(context);
        } else if (isGone.test(context.channel())) {
            LOG.debug("{}: its peer is gone", context.channel());
            context.close();
        }
    }
}
