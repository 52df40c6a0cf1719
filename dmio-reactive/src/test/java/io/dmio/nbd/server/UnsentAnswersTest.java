package io.dmio.nbd.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.device.MemoryDevice;
import io.dmio.nbd.wire.Command;
import io.dmio.nbd.wire.ReplyFormat;
import io.dmio.nbd.wire.RequestHeader;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.embedded.EmbeddedChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;

/** A client that asks for what is refused, and takes no answer. */
class UnsentAnswersTest {

    private static final SessionLimits LIMITS = new SessionLimits(10, 100_000, 1 << 20, 64, Duration.ofDays(1));

    /** A channel that sends nothing before it is told to. */
    private static final class Deaf extends EmbeddedChannel {
        private boolean sends;

        @Override
        protected void doWrite(ChannelOutboundBuffer in) throws Exception {
            if (sends) {
                super.doWrite(in);
            }
        }

        void take() {
            sends = true;
            unsafe().outboundBuffer().addFlush();
            flushOutbound();
            runPendingTasks();
        }
    }

    @Test
    void refusalsThatNobodyTakesAreBoundedAndGoOnOnceHeDoes() {
        MemoryDevice disk = MemoryDevice.of("disk", 64);
        ServerPages pages = new ServerPages(LIMITS.pagesMax(), LIMITS.clientsMax());
        Deaf channel = new Deaf();
        Export export = new Export("disk", disk, "", Set.of(), List.of());
        channel.pipeline()
                .addLast(new ServerSession(
                        new ServerTerms(export, ReplyFormat.SIMPLE, List.of(), null),
                        new ExportIo(disk),
                        goOn -> new Window(LIMITS, pages, goOn),
                        new StallWatch(pages, Set.of(), LIMITS.stallTime())));
        int asked = 20_000;
        ByteBuf requests = channel.alloc().buffer();
        for (int i = 0; i < asked; i++) {
            new RequestHeader(0, Command.READ.code(), i, 1 << 30, 512).encode(requests, false); // beyond the end
            if (i % 100 == 99) {
                channel.writeInbound(requests);
                requests = channel.alloc().buffer();
            }
        }
        requests.release();
        assertThat(unsent(channel)).isLessThan(UnsentAnswers.ANSWERS_MAX + 200);
        int taken = 0;
        for (int i = 0; i < 1000 && taken < asked; i++) {
            channel.take();
            for (ByteBuf answer = channel.readOutbound(); answer != null; answer = channel.readOutbound()) {
                taken += answer.readableBytes() / 16;
                answer.release();
            }
        }
        assertThat(taken).isEqualTo(asked);
        channel.finishAndReleaseAll();
        disk.close().block();
    }

    @Test
    void statusesThatNobodyTakesAreChargedUntilTheyHaveLeft() {
        MemoryDevice disk = MemoryDevice.of("disk", 64);
        ServerPages pages = new ServerPages(LIMITS.pagesMax(), LIMITS.clientsMax());
        int asked = 0;
        RangeStatus often = (sector, count) -> {
            List<RangeStatus.Part> parts = new ArrayList<>();
            for (int i = 0; i < 10_000; i++) {
                parts.add(new RangeStatus.Part(1, i % 2));
            }
            return Mono.just(parts);
        };
        Export export = new Export("disk", disk, "", Set.of(), List.of(new Export.Context("base:allocation", often)));
        Deaf channel = new Deaf();
        channel.pipeline()
                .addLast(new ServerSession(
                        new ServerTerms(export, ReplyFormat.STRUCTURED, List.of(0), null),
                        new ExportIo(disk),
                        goOn -> new Window(LIMITS, pages, goOn),
                        new StallWatch(pages, Set.of(), LIMITS.stallTime())));
        ByteBuf requests = channel.alloc().buffer();
        for (; asked < 50; asked++) {
            new RequestHeader(0, Command.BLOCK_STATUS.code(), asked, 0, 64 << 9).encode(requests, false);
        }
        channel.writeInbound(requests);
        channel.runPendingTasks();
        assertThat(pages.inUse()).isPositive();
        assertThat(unsent(channel)).isLessThan(5); // as many as there is memory for
        int taken = 0;
        for (int i = 0; i < 1000 && taken < asked; i++) {
            channel.take();
            for (ByteBuf answer = channel.readOutbound(); answer != null; answer = channel.readOutbound()) {
                taken++;
                answer.release();
            }
        }
        assertThat(taken).isEqualTo(asked);
        assertThat(pages.inUse()).isZero();
        channel.finishAndReleaseAll();
        disk.close().block();
    }

    private static int unsent(EmbeddedChannel channel) {
        ChannelHandlerContext last = channel.pipeline().lastContext();
        ChannelOutboundBuffer buffer = last.channel().unsafe().outboundBuffer();
        return buffer == null ? 0 : buffer.size();
    }
}
