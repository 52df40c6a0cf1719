package io.dmio.app.control;

import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Closes a connection that does not bring the complete head of a request in time, counted from its start and from each answer: one that is no
 * longer used, or one that brings a letter now and then to hold a place.
 */
final class Patience extends ChannelDuplexHandler {

    private final Duration time;
    private final Set<Channel> waiting;
    private @Nullable Future<?> end; // on the channel's thread, like all of this

    /**
     * @param waiting has the connection while it waits for a head, after those that have waited longer
     */
    Patience(Duration time, Set<Channel> waiting) {
        this.time = time;
        this.waiting = waiting;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        begin(context);
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
        stop(context);
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (message instanceof HttpRequest) {
            stop(context);
        }
        context.fireChannelRead(message);
    }

    @SuppressWarnings("FutureReturnValueIgnored") // nothing is to be done when it is over
    @Override
    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
        if (message instanceof LastHttpContent) {
            begin(context);
        }
        context.write(message, promise);
    }

    @SuppressWarnings("FutureReturnValueIgnored") // nothing is to be done when it is over
    private void begin(ChannelHandlerContext context) {
        stop(context);
        waiting.add(context.channel());
        end = context.executor().schedule(() -> context.close(), time.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void stop(ChannelHandlerContext context) {
        waiting.remove(context.channel());
        Future<?> begun = end;
        if (begun != null) {
            begun.cancel(false);
        }
    }
}
