package io.dmio.nbd.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.device.MemoryDevice;
import io.dmio.nbd.wire.Wire;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

class HandshakeHandlerTest {

    private static final long AGES = 3_600_000;

    private final MemoryDevice disk = MemoryDevice.of("disk", 64);
    private final Sinks.Empty<Void> turn = Sinks.empty();
    private final Sink behind = new Sink();
    private final Asked asked = new Asked();
    private final EmbeddedChannel channel = new EmbeddedChannel();

    /** What stands where a session would. */
    private static final class Sink extends ChannelInboundHandlerAdapter {
        private String got = "";

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            ByteBuf bytes = (ByteBuf) message;
            got += ByteBufUtil.hexDump(bytes);
            bytes.release();
        }
    }

    /** Counts what is asked of the socket. */
    private static final class Asked extends ChannelOutboundHandlerAdapter {
        private int reads;

        @Override
        public void read(ChannelHandlerContext context) {
            reads++;
        }
    }

    private final class Waiting implements HandshakeHandler.Sessions {

        @Override
        public boolean isWaitedFor() {
            return false;
        }

        @Override
        public Mono<Void> await(Channel connection, ServerTerms terms) {
            return turn.asMono();
        }

        @Override
        public void begin(Channel connection, ServerTerms terms) {
            connection.pipeline().addLast(behind);
        }
    }

    @AfterEach
    void close() {
        channel.finishAndReleaseAll();
        disk.close().block();
    }

    @Test
    void whoWaitsForHisTurnIsReadFromUntilSomethingComesAndNoMore() {
        Exports exports = new Exports(List.of(new Export("disk", disk, "", Set.of(), List.of())));
        HandshakeHandler handshake = new HandshakeHandler(
                encrypted -> new OptionNegotiation(exports, TlsUse.NONE, encrypted), null, new Waiting());
        channel.config().setAutoRead(false);
        channel.pipeline().addLast(asked, handshake);
        handshake.start(channel.pipeline().context(handshake), AGES);
        channel.writeInbound(agreement());
        int reads = asked.reads;
        assertThat(reads).as("asked for, so that a farewell is noticed").isEqualTo(2);
        for (int i = 0; i < 100; i++) {
            channel.writeInbound(Unpooled.copiedBuffer(new byte[] {(byte) i}));
        }
        assertThat(asked.reads).as("what comes before the answer is not taken").isEqualTo(reads);
        turn.tryEmitEmpty();
        channel.runPendingTasks();
        assertThat(behind.got).as("but not lost").startsWith("000102").hasSize(200);
    }

    @Test
    void answersThatNobodyTakesAreFewHoweverManyAreAskedFor() {
        Deaf deaf = new Deaf();
        HandshakeHandler handshake = ofMany();
        deaf.config().setWriteBufferWaterMark(new WriteBufferWaterMark(1 << 20, 4 << 20)); // as a session's
        deaf.pipeline().addLast(handshake);
        handshake.start(deaf.pipeline().context(handshake), AGES);
        deaf.writeInbound(Unpooled.buffer().writeInt(Wire.FIXED_NEWSTYLE | Wire.NO_ZEROES), lists(200));
        for (int i = 0; i < 200; i++) {
            deaf.writeInbound(Unpooled.copiedBuffer(new byte[1]));
        }
        long unsent = deaf.unsentBytes();
        deaf.finishAndReleaseAll();
        assertThat(unsent).isBetween(1L, 256L << 10);
    }

    @Test
    void whatComesAfterAnswersThatWereMoreThanFitIsAnsweredToo() {
        HandshakeHandler handshake = ofMany();
        channel.pipeline().addLast(handshake);
        handshake.start(channel.pipeline().context(handshake), AGES);
        channel.writeInbound(Unpooled.buffer().writeInt(Wire.FIXED_NEWSTYLE | Wire.NO_ZEROES), lists(3));
        channel.releaseOutbound();
        channel.writeInbound(lists(1));
        ByteBuf answer = channel.readOutbound();
        assertThat(answer).as("the last list").isNotNull();
        answer.release();
    }

    private HandshakeHandler ofMany() {
        List<Export> many = IntStream.range(0, 1000)
                .mapToObj(i -> new Export("export" + i, disk, "", Set.of(), List.of()))
                .toList();
        return new HandshakeHandler(
                encrypted -> new OptionNegotiation(new Exports(many), TlsUse.NONE, encrypted), null, new Waiting());
    }

    private static ByteBuf lists(int count) {
        ByteBuf lists = Unpooled.buffer();
        for (int i = 0; i < count; i++) { // of 30 KiB each
            lists.writeLong(Wire.OPTION_MAGIC).writeInt(Wire.OPT_LIST).writeInt(0);
        }
        return lists;
    }

    @Test
    void whoIsToBeClosedAndDoesNotTakeHisLastAnswerIsClosedInTime() {
        Exports exports = new Exports(List.of(new Export("disk", disk, "", Set.of(), List.of())));
        Deaf deaf = new Deaf();
        HandshakeHandler handshake = new HandshakeHandler(
                encrypted -> new OptionNegotiation(exports, TlsUse.NONE, encrypted), null, new Waiting());
        deaf.pipeline().addLast(handshake);
        handshake.start(deaf.pipeline().context(handshake), AGES);
        deaf.writeInbound(Unpooled.buffer().writeInt(-1)); // flags that nobody knows
        assertThat(deaf.isOpen()).as("has something to take").isTrue();
        for (int look = 0; look < Patience.LOOKS; look++) {
            deaf.advanceTimeBy(AGES / Patience.LOOKS, TimeUnit.MILLISECONDS);
            deaf.runScheduledPendingTasks();
        }
        assertThat(deaf.isOpen()).isFalse();
    }

    /** A channel that sends nothing. */
    private static final class Deaf extends EmbeddedChannel {
        @Override
        protected void doWrite(ChannelOutboundBuffer in) {}

        long unsentBytes() {
            ChannelOutboundBuffer unsent = unsafe().outboundBuffer();
            return unsent == null ? 0 : unsent.totalPendingWriteBytes();
        }
    }

    private static ByteBuf agreement() {
        ByteBuf name = Unpooled.buffer();
        Wire.writeString(name, "disk");
        name.writeShort(0);
        ByteBuf bytes = Unpooled.buffer().writeInt(Wire.FIXED_NEWSTYLE | Wire.NO_ZEROES);
        bytes.writeLong(Wire.OPTION_MAGIC).writeInt(Wire.OPT_GO).writeInt(name.readableBytes());
        return bytes.writeBytes(name);
    }
}
