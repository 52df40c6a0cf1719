package io.dmio.nbd.client;

import io.dmio.DeviceException;
import io.dmio.Errno;
import io.dmio.nbd.wire.SessionId;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import reactor.core.publisher.MonoSink;

/** Runs the client's side of a handshake on a channel, in a limited time, and makes way for the connection. */
@SuppressWarnings("FutureReturnValueIgnored") // a write that fails ends in exceptionCaught
final class ClientHandshakeHandler extends ByteToMessageDecoder {

    private final Remote remote;
    private final SessionId session;
    private final LinkOptions options;
    private final MonoSink<ClientConnection> told;
    private final ClientHandshake handshake;
    private boolean over;

    ClientHandshakeHandler(Remote remote, SessionId session, LinkOptions options, MonoSink<ClientConnection> told) {
        this.remote = remote;
        this.session = session;
        this.options = options;
        this.told = told;
        this.handshake = new ClientHandshake(remote, session);
    }

    @Override
    public void channelActive(ChannelHandlerContext context) throws Exception {
        super.channelActive(context);
        long millis = options.connectTimeout().toMillis();
        context.executor()
                .schedule(
                        () -> fail(context, Errno.ETIMEDOUT, "no agreement in " + millis + " ms"),
                        millis,
                        TimeUnit.MILLISECONDS);
    }

    @Override
    protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out) throws SSLException {
        ByteBuf said = context.alloc().buffer();
        ClientHandshake.Step step = over ? ClientHandshake.Step.MORE : ClientHandshake.Step.AGAIN;
        try {
            while (step == ClientHandshake.Step.AGAIN) {
                step = handshake.step(in, said);
            }
        } catch (DeviceException refused) {
            said.release();
            end(context, refused);
            return;
        }
        context.writeAndFlush(said, context.voidPromise());
        if (step == ClientHandshake.Step.TLS) {
            encrypt(context, in);
        } else if (step == ClientHandshake.Step.AGREED) {
            ClientTerms agreement = handshake.agreement();
            if (agreement != null) {
                ClientConnection connection = new ClientConnection(agreement, session.place());
                context.pipeline().addLast(connection);
                over = true;
                told.success(connection);
                context.pipeline().remove(this); // hands on what came after the handshake
            }
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) throws Exception {
        if (event instanceof SslHandshakeCompletionEvent tls) {
            if (tls.isSuccess()) {
                ByteBuf said = context.alloc().buffer();
                handshake.afterTls(said);
                context.writeAndFlush(said, context.voidPromise());
            } else {
                fail(context, Errno.EACCES, "no TLS: " + TlsWords.of(tls.cause()));
            }
        }
        super.userEventTriggered(context, event);
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) throws Exception {
        fail(context, Errno.EIO, "the server closed the connection during the handshake");
        super.channelInactive(context);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        boolean refused = cause instanceof SSLException || cause.getCause() instanceof SSLException; // before its event
        fail(
                context,
                refused ? Errno.EACCES : Errno.EIO,
                refused ? "no TLS: " + TlsWords.of(cause) : "" + cause.getMessage());
    }

    private void encrypt(ChannelHandlerContext context, ByteBuf in) throws SSLException {
        if (in.isReadable()) {
            fail(context, Errno.EIO, "the server went on in plain text after it agreed on TLS");
            return;
        }
        SslContext trust = options.tls().isPresent()
                ? options.tls().get()
                : SslContextBuilder.forClient().build();
        SslHandler tls = remote.socket().isPresent()
                ? trust.newHandler(context.alloc())
                : trust.newHandler(context.alloc(), remote.host(), remote.port());
        if (remote.socket().isEmpty()) {
            SSLParameters parameters = tls.engine().getSSLParameters();
            parameters.setEndpointIdentificationAlgorithm("HTTPS"); // the name in the certificate is the host's
            tls.engine().setSSLParameters(parameters);
        }
        context.pipeline().addFirst(tls);
    }

    /** Tells that there will be no connection, unless something was told before. On the loop. */
    boolean giveUp(DeviceException why) {
        boolean first = !over;
        if (first) {
            over = true;
            told.error(why);
        }
        return first;
    }

    private void fail(ChannelHandlerContext context, Errno errno, String why) {
        end(context, DeviceException.of(errno, remote.toString(), why));
    }

    private void end(ChannelHandlerContext context, DeviceException why) {
        if (giveUp(why)) {
            context.close();
        }
    }
}
