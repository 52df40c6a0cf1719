package io.dmio.nbd.server;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundBuffer;

/**
 * Whether a client has as many answers to take as it may have. A channel counts bytes, and small answers cost many times theirs:
 * who asks for what is refused, and takes no answer, would have the server hold megabytes. Owned by the client's event loop.
 */
final class UnsentAnswers {

    static final int ANSWERS_MAX = 1024;

    private final Runnable fewer;
    private boolean waiting;

    /** None yet; {@code fewer} is told once there were too many and the client has taken them. */
    UnsentAnswers(Runnable fewer) {
        this.fewer = fewer;
    }

    /** How many bytes a client has not taken yet. */
    static long bytes(ChannelHandlerContext context) {
        ChannelOutboundBuffer buffer = context.channel().unsafe().outboundBuffer();
        return buffer == null ? 0 : buffer.totalPendingWriteBytes() - buffer.currentProgress();
    }

    /** Whether no more may be begun; if so {@code fewer} is told later. */
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
