package io.dmio.nbd.server;

import io.dmio.nbd.wire.Wire;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.ssl.SslContext;
import io.netty.util.ReferenceCountUtil;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;

/** Runs the server's side of a handshake on a channel, in a limited time, and makes way for the session. */
@SuppressWarnings("FutureReturnValueIgnored") // a write that fails ends in exceptionCaught
final class HandshakeHandler extends ByteToMessageDecoder {

    private static final Logger LOG = LoggerFactory.getLogger(HandshakeHandler.class);

    private static final int ANSWERS_BYTES = 64 << 10; // sent at once, or all those of one option

    /** The limit for answers that the client has not taken; a session has a higher one, which is charged to it. */
    private static final WriteBufferWaterMark UNSENT = new WriteBufferWaterMark(ANSWERS_BYTES / 2, ANSWERS_BYTES);

    private final Function<Boolean, OptionNegotiation> options; // by whether the connection is encrypted
    private final @Nullable SslContext tls;
    private final Sessions sessions;
    private ServerHandshake handshake;
    private final Patience patience = new Patience();
    private boolean over;
    private boolean reading;
    private boolean answering;
    private @Nullable WriteBufferWaterMark unsentLater; // the session's
    private @Nullable ByteBuf lastAnswer; // agreed on, and waits until the session may begin

    /** Continues with a session after an agreement. */
    interface Sessions {
        /** Returns whether others wait to begin a handshake. */
        boolean isWaitedFor();

        /**
         * Called when a client has agreed, and has not been told so.
         *
         * @return a Mono that completes when the client's session may begin, and has a place; errors if it must not begin
         */
        Mono<Void> await(Channel channel, ServerTerms terms);

        /** Puts a session behind the handshake, which hands on what is left. On the channel's event loop. */
        void begin(Channel channel, ServerTerms terms);
    }

    HandshakeHandler(Function<Boolean, OptionNegotiation> options, @Nullable SslContext tls, Sessions sessions) {
        this.options = options;
        this.tls = tls;
        this.sessions = sessions;
        this.handshake = new ServerHandshake(options.apply(false));
    }

    /** Greets, and closes if no agreement is reached in time. */
    void start(ChannelHandlerContext context, long millisMax) {
        unsentLater = context.channel().config().getWriteBufferWaterMark();
        context.channel().config().setWriteBufferWaterMark(UNSENT);
        ByteBuf greeting = context.alloc().buffer(Wire.GREETING_BYTES);
        ServerHandshake.greet(greeting);
        context.writeAndFlush(greeting, context.voidPromise());
        look(context, Math.max(1, millisMax / Patience.LOOKS));
        readOn(context);
    }

    private void look(ChannelHandlerContext context, long periodMillis) {
        context.executor()
                .schedule(
                        () -> {
                            boolean agreed = lastAnswer != null || context.isRemoved();
                            if (agreed || !context.channel().isOpen()) {
                                return; // but a client that does not take the answer before a close is closed
                            }
                            if (patience.isOver(sessions.isWaitedFor())) {
                                LOG.info("{}: no agreement in time: closed", context.channel());
                                context.close();
                            } else {
                                look(context, periodMillis);
                            }
                        },
                        periodMillis,
                        TimeUnit.MILLISECONDS);
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) throws Exception {
        patience.heard();
        super.channelRead(context, message);
    }

    // A client that does not take its answers is given no more, and is not read from: else only their number would
    // limit their memory.
    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) throws Exception {
        super.channelWritabilityChanged(context);
        if (context.channel().isWritable() && !over) {
            if (!answering && actualReadableBytes() > 0) {
                super.channelRead(context, Unpooled.EMPTY_BUFFER); // looks again at what has come
            }
            readOn(context);
        }
    }

    // A client that waits for its last answer is read from until
    // something comes: else nobody would see that it is gone.
    private void readOn(ChannelHandlerContext context) {
        boolean wants = !over || (lastAnswer != null && actualReadableBytes() == 0);
        if (wants && !reading && context.channel().isWritable()) {
            reading = true;
            context.read();
        }
    }

    @Override
    protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out) {
        if (lastAnswer != null || !context.channel().isWritable()) {
            return; // what comes after the handshake is not for us
        }
        answering =
                true; // a write may change the writability at once, and this is called again for what is left in any
        // case
        try {
            answer(context, in);
        } finally {
            answering = false;
        }
    }

    private void answer(ChannelHandlerContext context, ByteBuf in) {
        ByteBuf answers = context.alloc().buffer();
        ServerHandshake.Step step = ServerHandshake.Step.AGAIN;
        while (step == ServerHandshake.Step.AGAIN && answers.readableBytes() < ANSWERS_BYTES) {
            step = over ? ServerHandshake.Step.CLOSE : handshake.step(in, answers);
            if (step == ServerHandshake.Step.AGAIN) {
                patience.answered();
            }
        }
        ServerTerms terms = step == ServerHandshake.Step.AGREED ? handshake.terms() : null;
        if (terms != null) {
            over = true;
            lastAnswer = answers;
            agreed(context, terms);
            return;
        }
        context.writeAndFlush(answers, context.voidPromise());
        switch (step) {
            case CLOSE -> close(context, in);
            case TLS -> encrypt(context, in);
            case MORE, AGAIN, AGREED -> {}
        }
    }

    // The last answer waits: a client that has it may rely on nothing older being under way.
    private void agreed(ChannelHandlerContext context, ServerTerms terms) {
        sessions.await(context.channel(), terms)
                .subscribe(
                        never -> {},
                        refusal -> {
                            LOG.info("{}: closed: {}", context.channel(), refusal.getMessage());
                            context.close();
                        },
                        () -> inLoop(context, () -> begin(context, terms)));
    }

    private void begin(ChannelHandlerContext context, ServerTerms terms) {
        ByteBuf answers = lastAnswer;
        if (answers != null && context.channel().isActive()) {
            lastAnswer = null;
            context.channel().config().setWriteBufferWaterMark(Objects.requireNonNull(unsentLater, "not started"));
            context.writeAndFlush(answers, context.voidPromise());
            sessions.begin(context.channel(), terms);
            context.pipeline().remove(this);
        }
    }

    private static void inLoop(ChannelHandlerContext context, Runnable work) {
        if (context.executor().inEventLoop()) {
            work.run();
        } else {
            context.executor().execute(work);
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) throws Exception {
        reading = false;
        discardSomeReadBytes();
        context.fireChannelReadComplete(); // and not super's, which asks for more in any case
        readOn(context);
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) throws Exception {
        over = true;
        ReferenceCountUtil.release(lastAnswer);
        lastAnswer = null;
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
        context.pipeline().addFirst(new NoRenegotiation(), certified.newHandler(context.alloc()));
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
