package io.dmio.nbd.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.BlockDevice;
import io.dmio.device.MemoryDevice;
import io.dmio.nbd.wire.Command;
import io.dmio.nbd.wire.ReplyFormat;
import io.dmio.nbd.wire.RequestHeader;
import io.dmio.testkit.ManualDevice;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Who counts as stalled, step by step: by looks that have no patience at all. */
class StalledClientsTest {

    private static final SessionLimits LIMITS = new SessionLimits(10, 10, 1 << 20, 4, Duration.ofDays(1));

    private final MemoryDevice disk = MemoryDevice.of("disk", 64);
    private final ServerPages pages = new ServerPages(LIMITS.pagesMax(), LIMITS.clientsMax());
    private final StallWatch watch = new StallWatch(pages, Set.of(), LIMITS.stallTime());

    @AfterEach
    void nothingIsLeft() {
        assertThat(pages.inUse()).isZero();
        disk.close().block();
    }

    private static Export export(BlockDevice device) {
        return new Export("disk", device, "", Set.of(), List.of());
    }

    private ServerSession session(Export export) {
        return session(export, pages);
    }

    private ServerSession session(Export export, ServerPages shared) {
        return new ServerSession(
                new ServerTerms(export, ReplyFormat.SIMPLE, List.of(), null),
                new ExportIo(export.device()),
                goOn -> new Window(LIMITS, shared, goOn),
                watch);
    }

    private static void send(EmbeddedChannel channel, RequestHeader request, int payload) {
        ByteBuf bytes = channel.alloc().buffer();
        request.encode(bytes, false);
        channel.writeInbound(bytes.writeZero(payload));
        channel.runPendingTasks();
    }

    private static boolean isOpenAfterLook(ServerSession session, EmbeddedChannel channel) {
        session.look(0);
        channel.runPendingTasks();
        return channel.isOpen();
    }

    @Test
    void aWriteWhoseRestDoesNotComeIsCutButNotOneThatComesInPieces() {
        ServerSession session = session(export(disk));
        EmbeddedChannel channel = new EmbeddedChannel(session);
        send(channel, new RequestHeader(0, Command.WRITE.code(), 7, 0, 4096), 1000);
        assertThat(pages.inUse()).isEqualTo(1);
        for (int i = 0; i < 3; i++) {
            assertThat(isOpenAfterLook(session, channel)).isTrue();
            channel.writeInbound(channel.alloc().buffer().writeZero(1000));
        }
        assertThat(isOpenAfterLook(session, channel)).isTrue();
        assertThat(isOpenAfterLook(session, channel)).isFalse();
        channel.finishAndReleaseAll();
    }

    @Test
    void thoseWhoStallOneAfterTheOtherGetHalfTheTimeEach() {
        assertThat(IntStream.range(0, 6).mapToLong(round -> StallWatch.period(16, round)))
                .containsExactly(16L, 8L, 4L, 2L, 2L, 2L);
    }

    @Test
    void aClientWhoseRequestTheDeviceHasIsNotCut() {
        ManualDevice slow = new ManualDevice(disk.info());
        ServerSession session = session(export(slow));
        EmbeddedChannel channel = new EmbeddedChannel(session);
        send(channel, new RequestHeader(0, Command.READ.code(), 7, 0, 4096), 0);
        for (int i = 0; i < 5; i++) {
            assertThat(isOpenAfterLook(session, channel)).isTrue();
        }
        slow.answer(0);
        channel.runPendingTasks();
        channel.finishAndReleaseAll();
    }

    @Test
    void aClientThatHoldsOnlyItsOwnIsNotCutHoweverLongItStalls() {
        ServerPages plenty = new ServerPages(40, LIMITS.clientsMax());
        ServerSession session = session(export(disk), plenty);
        EmbeddedChannel channel = new EmbeddedChannel(session);
        send(channel, new RequestHeader(0, Command.WRITE.code(), 7, 0, plenty.own() * 4096L), 1000);
        for (int i = 0; i < 5; i++) {
            assertThat(isOpenAfterLook(session, channel)).isTrue();
        }
        channel.finishAndReleaseAll();
    }

    @Test
    void aClientIsNotOverBeforeTheDeviceHasAnsweredAllThatItLeftBehind() {
        ManualDevice slow = new ManualDevice(disk.info());
        ServerSession session = session(export(slow));
        EmbeddedChannel channel = new EmbeddedChannel(session);
        List<Boolean> over = new ArrayList<>();
        session.over().subscribe(never -> {}, failure -> over.add(false), () -> over.add(true));
        send(channel, new RequestHeader(0, Command.WRITE.code(), 7, 0, 4096), 4096);
        send(channel, new RequestHeader(0, Command.READ.code(), 8, 0, 4096), 0);
        channel.close().syncUninterruptibly();
        channel.runPendingTasks();
        assertThat(over).isEmpty();
        slow.answer(0);
        channel.runPendingTasks();
        assertThat(over).isEmpty();
        slow.answer(1);
        channel.runPendingTasks();
        assertThat(over).containsExactly(true);
        channel.finishAndReleaseAll();
    }

    @Test
    void memoryComesBackAlsoWhenTheLoopIsGoneBeforeTheDeviceAnswers() {
        ServerSession session = session(export(disk));
        CompletionQueue ended = new CompletionQueue(() -> false, late -> {
            throw new RejectedExecutionException("shut down");
        });
        for (int i = 0; i < 3; i++) {
            ByteBuf memory = Unpooled.buffer(512);
            ended.add(new ServerRequest(
                    session, new ExportIo(disk), new RequestHeader(0, Command.READ.code(), 7, 0, 512), memory));
            assertThat(memory.refCnt()).isZero();
        }
    }

    @Test
    void aClientThatHoldsNothingIsNotCutHoweverLongItIsSilent() {
        ServerSession session = session(export(disk));
        EmbeddedChannel channel = new EmbeddedChannel(session);
        send(channel, new RequestHeader(0, Command.FLUSH.code(), 7, 0, 0), 0);
        for (int i = 0; i < 5; i++) {
            assertThat(isOpenAfterLook(session, channel)).isTrue();
        }
        channel.finishAndReleaseAll();
    }
}
