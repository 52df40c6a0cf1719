package io.dmio.nbd.server;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;
import org.slf4j.LoggerFactory;

/**
 * Closes a connection whose client begins a second TLS handshake, which costs the server far more than the client. Sits before the TLS
 * handler, and looks only at the heads of records; the JDK has only a property of the whole process for this.
 *
 * <pre>
 *     type:1 | version:2 | length:2 | data…          (RFC 5246, 6.2.1)
 * </pre>
 *
 * <p>Up to TLS 1.2 a client sends one message of the handshake after it changed its cipher, and none after any data. In TLS 1.3 what is sent
 * after the handshake is data, and a second greeting that was asked for may come behind a change of cipher.
 */
@SuppressWarnings("FutureReturnValueIgnored") // of a close that nobody waits for
final class NoRenegotiation extends ChannelInboundHandlerAdapter {

    private static final int CHANGE_CIPHER_SPEC = 20;
    private static final int HANDSHAKE = 22;
    private static final int APPLICATION_DATA = 23;
    private static final int HEAD_BYTES = 5;
    private static final int LENGTH_AT = 3;

    private static final LogLimit CLIENTS =
            new LogLimit(LoggerFactory.getLogger(NoRenegotiation.class), System::nanoTime);

    private int headSeen;
    private int length;
    private int left; // of the record's data
    private int handshakesLeft = Integer.MAX_VALUE;
    private boolean closed;

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) throws Exception {
        if (!closed && message instanceof ByteBuf bytes && !takes(bytes)) {
            closed = true;
            CLIENTS.warn("{}: a client wants another TLS handshake: closed", context.channel());
            context.close();
        }
        if (closed) {
            ReferenceCountUtil.release(message);
        } else {
            super.channelRead(context, message);
        }
    }

    private boolean takes(ByteBuf bytes) {
        int at = bytes.readerIndex();
        int end = bytes.writerIndex();
        while (at < end) {
            if (left > 0) {
                int now = Math.min(left, end - at);
                left -= now;
                at += now;
            } else if (!takesHead(bytes.getUnsignedByte(at++))) {
                return false;
            }
        }
        return true;
    }

    private boolean takesHead(int value) {
        if (headSeen == 0 && !takesType(value)) {
            return false;
        }
        if (headSeen >= LENGTH_AT) {
            length = length << Byte.SIZE | value;
        }
        if (++headSeen == HEAD_BYTES) {
            left = length;
            length = 0;
            headSeen = 0;
        }
        return true;
    }

    private boolean takesType(int type) {
        if (type == CHANGE_CIPHER_SPEC) {
            handshakesLeft = Math.min(handshakesLeft, 1);
        } else if (type == APPLICATION_DATA) {
            handshakesLeft = 0;
        } else if (type == HANDSHAKE) {
            return handshakesLeft-- > 0;
        }
        return true;
    }
}
