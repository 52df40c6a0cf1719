package io.dmio.nbd.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.engine.EventLoops;
import io.dmio.engine.UringHere;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import java.io.IOException;
import java.net.Socket;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** On real sockets: what comes after a handshake is received into the memory that a reader names. */
class ReceiveBuffersTest {

    private static final int SECONDS_MAX = 30;
    private static final int HEAD_BYTES = 28;
    private static final int DATA_BYTES = 100_000;

    @Test
    void dataIsReceivedIntoTheMemoryOfWhoWaitsForItAndAHeadAlone() throws Exception {
        Transport transport = Transport.own("receive-buffers");
        try {
            receive(transport);
        } finally {
            transport.loops().shutdownGracefully(0, 1, TimeUnit.SECONDS).sync();
        }
    }

    @Test
    void alsoOnRings() throws Exception {
        receive(Transport.on(EventLoops.of(UringHere.shared()).orElseThrow()));
    }

    private static void receive(Transport transport) throws Exception {
        Taker taker = new Taker();
        Channel server = new ServerBootstrap()
                .group(transport.loops())
                .channel(transport.tcp())
                .childOption(ChannelOption.AUTO_READ, false)
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        ReceiveBuffers.install(channel);
                        channel.pipeline().addLast(taker);
                    }
                })
                .bind("127.0.0.1", 0)
                .sync()
                .channel();
        try (Socket client = new Socket()) {
            client.connect(server.localAddress());
            client.getOutputStream().write(new byte[] {'h', 'i'}); // the handshake, in a buffer of Netty's
            taker.greeted.get(SECONDS_MAX, TimeUnit.SECONDS);
            send(client, HEAD_BYTES + DATA_BYTES + 1); // and one more, which belongs to the next head
            assertThat(taker.headBytes.get(SECONDS_MAX, TimeUnit.SECONDS)).isEqualTo(HEAD_BYTES);
            assertThat(taker.inPlace.get(SECONDS_MAX, TimeUnit.SECONDS)).isTrue();
            assertThat(taker.room.getByte(0)).isEqualTo((byte) HEAD_BYTES);
            assertThat(taker.room.getByte(DATA_BYTES - 1)).isEqualTo((byte) (HEAD_BYTES + DATA_BYTES - 1));
        } finally {
            server.close().sync();
            taker.closed.get(SECONDS_MAX, TimeUnit.SECONDS);
            taker.room.release();
        }
    }

    private static void send(Socket client, int bytes) throws IOException {
        byte[] numbers = new byte[bytes];
        for (int i = 0; i < bytes; i++) {
            numbers[i] = (byte) i;
        }
        client.getOutputStream().write(numbers);
    }

    /** Takes a greeting, a head, and data; owned by its event loop. */
    private static final class Taker extends ChannelInboundHandlerAdapter implements ReceiveBuffers.Reader {

        final CompletableFuture<Void> greeted = new CompletableFuture<>();
        final CompletableFuture<Integer> headBytes = new CompletableFuture<>();
        final CompletableFuture<Boolean> inPlace = new CompletableFuture<>();
        final CompletableFuture<Void> closed = new CompletableFuture<>();
        final ByteBuf room = Unpooled.directBuffer(DATA_BYTES, DATA_BYTES);
        private final LentRoom lent = new LentRoom();
        private int filled;

        @Override
        public void channelActive(ChannelHandlerContext context) {
            context.read();
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            ByteBuf come = (ByteBuf) message;
            if (!greeted.isDone()) {
                ReceiveBuffers.serve(context.channel(), this);
                greeted.complete(null);
            } else if (!headBytes.isDone()) {
                headBytes.complete(come.readableBytes());
            } else if (!inPlace.isDone()) {
                boolean mine = lent.is(come);
                filled += come.readableBytes();
                if (!mine || filled == DATA_BYTES) {
                    inPlace.complete(mine);
                }
            }
            come.release();
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext context) {
            context.read();
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            closed.complete(null);
        }

        @Override
        public @Nullable ByteBuf room() {
            if (!headBytes.isDone() || filled == DATA_BYTES) {
                return null;
            }
            return lent.lend(room, filled, DATA_BYTES - filled);
        }

        @Override
        public int headBytes() {
            return HEAD_BYTES;
        }

        @Override
        public boolean wantsMore() {
            return true;
        }
    }
}
