package io.dmio.nbd.server;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundBuffer;

/**
 * Tells whether a client has as many answers to take as it may have. A channel counts bytes, and small answers cost many times their bytes: a
 * client that asks for what is refused, and takes no answer, would make the server hold megabytes. Owned by the client's event loop.
 */
final class UnsentAnswers {

    static final int ANSWERS_MAX = 1024;

    private final Runnable fewer;
    private boolean waiting;

    /** No answers yet; {@code fewer} is called once there were too many and the client has taken them. */
    UnsentAnswers(Runnable fewer) {
        this.fewer = fewer;
    }

    /** Returns how many bytes a client has not taken yet. */
    static long bytes(ChannelHandlerContext context) {
        ChannelOutboundBuffer buffer = context.channel().unsafe().outboundBuffer();
        return buffer == null ? 0 : buffer.totalPendingWriteBytes() - buffer.currentProgress();
    }

    /** Returns whether no more may be begun; if so, {@code fewer} is called later. */
    @SuppressWarnings("FutureReturnValueIgnored") // it is listened to
    boolean isFull(ChannelHandlerContext context) {
        ChannelOutboundBuffer buffer = context.channel().unsafe().outboundBuffer();
        if (!waiting && buffer != null && buffer.size() > ANSWERS_MAX) {
            waiting = true;
            context.writeAndFlush(Unpooled.EMPTY_BUFFER)
                    .addListener(
                            sent -> { // behind all of them
                                waiting = false;
                                fewer.run();
                            });
        }
        return waiting;
    }
}
