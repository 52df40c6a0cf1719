package io.dmio.nbd;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.ssl.SslContext;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs the server's side of a handshake on a channel, in a limited time, and makes way for the session. */
@SuppressWarnings("FutureReturnValueIgnored") // a write that fails ends in exceptionCaught
final class HandshakeHandler extends ByteToMessageDecoder {

    private static final Logger LOG = LoggerFactory.getLogger(HandshakeHandler.class);

    private final Function<Boolean, ServerOptions> options; // of encrypted or not
    private final @Nullable SslContext tls;
    private final BiConsumer<Channel, Terms> agreed;
    private ServerHandshake handshake;
    private boolean over;

    HandshakeHandler(
            Function<Boolean, ServerOptions> options, @Nullable SslContext tls, BiConsumer<Channel, Terms> agreed) {
        this.options = options;
        this.tls = tls;
        this.agreed = agreed;
        this.handshake = new ServerHandshake(options.apply(false));
    }

    /** Greets, and closes if no agreement is reached in time. */
    void start(ChannelHandlerContext context, long millisMax) {
        ByteBuf greeting = context.alloc().buffer(Wire.GREETING_BYTES);
        ServerHandshake.greet(greeting);
        context.writeAndFlush(greeting, context.voidPromise());
        context.executor()
                .schedule(
                        () -> {
                            if (!over) {
                                LOG.info("{}: no agreement in {} ms: closed", context.channel(), millisMax);
                                context.close();
                            }
                        },
                        millisMax,
                        TimeUnit.MILLISECONDS);
        context.read();
    }

    @Override
    protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out) {
        ByteBuf answers = context.alloc().buffer();
        ServerHandshake.Step step = ServerHandshake.Step.AGAIN;
        while (step == ServerHandshake.Step.AGAIN) {
            step = over ? ServerHandshake.Step.CLOSE : handshake.step(in, answers);
        }
        context.writeAndFlush(answers, context.voidPromise());
        switch (step) {
            case CLOSE -> close(context, in);
            case TLS -> encrypt(context, in);
            case AGREED -> {
                Terms terms = handshake.terms();
                over = true;
                if (terms != null) {
                    agreed.accept(
                            context.channel(), terms); // puts the session behind this, which hands on what is left
                    context.pipeline().remove(this);
                }
            }
            case MORE, AGAIN -> {}
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) throws Exception {
        super.channelReadComplete(context);
        if (!over) {
            context.read();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) throws Exception {
        over = true;
        super.channelInactive(context);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        LOG.debug("{}: {}", context.channel(), "" + cause);
        context.close();
    }

    private void encrypt(ChannelHandlerContext context, ByteBuf in) {
        SslContext certified = tls;
        if (certified == null || in.isReadable()) { // what came in plain text before TLS must not be believed
            close(context, in);
            return;
        }
        context.pipeline().addFirst(certified.newHandler(context.alloc()));
        ServerHandshake plain = handshake;
        handshake = new ServerHandshake(options.apply(true)); // what was agreed in plain text is forgotten
        handshake.resume(plain.zeroes());
    }

    private void close(ChannelHandlerContext context, ByteBuf in) {
        over = true;
        in.skipBytes(in.readableBytes());
        context.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
    }
}
