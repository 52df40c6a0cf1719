package io.dmio.nbd.server;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stops accepting clients for a while when the system cannot: descriptors or memory are short, and would be short again at once. Each failure
 * in a row makes the pause longer; only the first is told. Sits on the listening channel, whose event loop owns it.
 */
@SuppressWarnings("FutureReturnValueIgnored") // of its timer
final class AcceptPauses extends ChannelInboundHandlerAdapter {

    static final long PAUSE_MILLIS = 100;
    static final long PAUSE_MILLIS_MAX = 5_000;
    private static final Logger LOG = LoggerFactory.getLogger(AcceptPauses.class);

    private final Runnable changed;
    private volatile boolean paused;
    private long nextMillis = PAUSE_MILLIS;

    /** Accepts at first; {@code changed} is called on the event loop. */
    AcceptPauses(Runnable changed) {
        this.changed = changed;
    }

    boolean isPaused() {
        return paused;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object client) throws Exception {
        if (nextMillis > PAUSE_MILLIS && !paused) {
            nextMillis = PAUSE_MILLIS;
            LOG.info("{}: accepts clients again", context.channel());
        }
        super.channelRead(context, client);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        if (paused) {
            return;
        }
        if (nextMillis == PAUSE_MILLIS) {
            LOG.warn("{}: cannot accept clients for now, and goes on trying: {}", context.channel(), "" + cause);
        }
        paused = true;
        context.executor().schedule(this::goOn, nextMillis, TimeUnit.MILLISECONDS);
        nextMillis = Math.min(2 * nextMillis, PAUSE_MILLIS_MAX);
        changed.run();
    }

    private void goOn() {
        paused = false;
        changed.run();
    }
}
