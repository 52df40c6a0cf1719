package io.dmio.nbd;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.device.MemoryDevice;
import io.dmio.testkit.ManualDevice;
import io.netty.buffer.ByteBuf;
import io.netty.channel.embedded.EmbeddedChannel;
import java.time.Duration;
import java.util.List;
import java.util.Set;
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

    private ServerSession session(NbdExport export) {
        return new ServerSession(
                new Terms(export, Replies.SIMPLE, List.of()),
                new ExportIo(export.device()),
                goOn -> new Window(LIMITS, pages, goOn),
                watch);
    }

    private static void send(EmbeddedChannel channel, Request request, int payload) {
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
        ServerSession session = session(NbdExport.of("disk", disk));
        EmbeddedChannel channel = new EmbeddedChannel(session);
        send(channel, new Request(0, Command.WRITE.code(), 7, 0, 4096), 1000);
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
    void aClientWhoseRequestTheDeviceHasIsNotCut() {
        ManualDevice slow = new ManualDevice(disk.info());
        ServerSession session = session(NbdExport.of("disk", slow));
        EmbeddedChannel channel = new EmbeddedChannel(session);
        send(channel, new Request(0, Command.READ.code(), 7, 0, 4096), 0);
        for (int i = 0; i < 5; i++) {
            assertThat(isOpenAfterLook(session, channel)).isTrue();
        }
        slow.answer(0);
        channel.runPendingTasks();
        channel.finishAndReleaseAll();
    }

    @Test
    void aClientThatHoldsNothingIsNotCutHoweverLongItIsSilent() {
        ServerSession session = session(NbdExport.of("disk", disk));
        EmbeddedChannel channel = new EmbeddedChannel(session);
        send(channel, new Request(0, Command.FLUSH.code(), 7, 0, 0), 0);
        for (int i = 0; i < 5; i++) {
            assertThat(isOpenAfterLook(session, channel)).isTrue();
        }
        channel.finishAndReleaseAll();
    }
}
