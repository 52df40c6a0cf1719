package io.dmio.nbd.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.BlockDevice;
import io.dmio.Errno;
import io.dmio.device.MemoryDevice;
import io.dmio.nbd.wire.Command;
import io.dmio.nbd.wire.ReplyFormat;
import io.dmio.nbd.wire.RequestHeader;
import io.dmio.nbd.wire.WireError;
import io.dmio.testkit.ManualDevice;
import io.dmio.testkit.Seed;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients that send half of a large write and no more: they keep no memory that others could use. Nobody is ever cut here. */
@ExtendWith(Seed.class)
class HalfWritesTest {

    private static final int PAGES = 1024;
    private static final int HALF = 2 << 20;
    private static final int SECTORS = 32 << 11;
    private static final String GOOD = "67446698" + "00000000" + "0000000000000007";

    private final MemoryDevice disk = MemoryDevice.of("disk", SECTORS);
    private final Set<ServerSession> sessions = new HashSet<>();
    private final List<EmbeddedChannel> channels = new ArrayList<>();
    private SessionLimits limits = limits(8);
    private ServerPages pages = pages();
    private StallWatch watch = watch();

    private static SessionLimits limits(int clientsMax) {
        return new SessionLimits(clientsMax, 10, 16 << 20, PAGES, Duration.ofDays(1));
    }

    private ServerPages pages() {
        return new ServerPages(limits.pagesMax(), limits.clientsMax());
    }

    private StallWatch watch() {
        return new StallWatch(pages, sessions, limits.stallTime());
    }

    private void have(int clientsMax) {
        limits = limits(clientsMax);
        pages = pages();
        watch = watch();
    }

    @AfterEach
    void nothingIsLeft() {
        channels.forEach(EmbeddedChannel::finishAndReleaseAll);
        assertThat(pages.inUse()).isZero();
        disk.close().block();
    }

    private EmbeddedChannel client(BlockDevice device) {
        Export export = new Export("disk", device, "", Set.of(), List.of());
        ServerSession session = new ServerSession(
                new ServerTerms(export, ReplyFormat.SIMPLE, List.of(), null),
                new ExportIo(device),
                goOn -> new Window(limits, pages, goOn),
                watch);
        EmbeddedChannel channel = new EmbeddedChannel(session);
        sessions.add(session);
        channels.add(channel);
        return channel;
    }

    private static ByteBuf header(Command command, long offset, long length) {
        ByteBuf bytes = Unpooled.buffer();
        new RequestHeader(0, command.code(), 7, offset, length).encode(bytes, false);
        return bytes;
    }

    private void send(EmbeddedChannel channel, ByteBuf bytes) {
        while (bytes.isReadable()) {
            channel.writeInbound(bytes.readRetainedSlice(Math.min(bytes.readableBytes(), 50_000)));
        }
        bytes.release();
        settle();
    }

    private void settle() {
        for (int i = 0; i < 10; i++) {
            channels.forEach(EmbeddedChannel::runPendingTasks);
        }
    }

    private static String answer(EmbeddedChannel channel) {
        ByteBuf head = channel.readOutbound();
        assertThat(head).as("an answer").isNotNull();
        String hex = ByteBufUtil.hexDump(head);
        head.release();
        return hex;
    }

    private List<EmbeddedChannel> stallers(int count) {
        List<EmbeddedChannel> all = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            EmbeddedChannel one = client(disk);
            send(one, header(Command.WRITE, 0, 2 * HALF));
            send(one, Unpooled.buffer().writeZero(HALF + 100 * i));
            all.add(one);
        }
        return all;
    }

    @ParameterizedTest
    @ValueSource(ints = {8, 64, 500}) // clients, so that each has 64 pages for itself, 8, or 1
    void aWholeRequestGoesAtOnceHoweverManyHalvesThereAre(int clientsMax) {
        have(clientsMax);
        List<EmbeddedChannel> stallers = stallers(7);
        EmbeddedChannel other = client(disk);
        send(other, header(Command.WRITE, 8 << 20, HALF));
        send(other, Unpooled.buffer().writeZero(HALF));
        assertThat(answer(other)).isEqualTo(GOOD);
        send(other, header(Command.READ, 0, HALF));
        assertThat(answer(other)).isEqualTo(GOOD);
        assertThat(stallers).allMatch(EmbeddedChannel::isOpen);
    }

    @Test
    void allThatGoOnWhileOthersStallAreServedAndWhatStalledMayGoOn() {
        have(16);
        List<EmbeddedChannel> stallers = stallers(7);
        List<EmbeddedChannel> busy = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            busy.add(client(disk));
        }
        for (int round = 0; round < 3; round++) {
            for (EmbeddedChannel one : busy) {
                send(one, header(Command.WRITE, 8 << 20, 2 * HALF));
                send(one, Unpooled.buffer().writeZero(2 * HALF));
                assertThat(answer(one)).isEqualTo(GOOD);
            }
        }
        for (int i = 0; i < stallers.size(); i++) {
            send(stallers.get(i), Unpooled.buffer().writeZero(HALF - 100 * i));
            assertThat(answer(stallers.get(i))).isEqualTo(GOOD);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {8, 500, 1000})
    void everyByteGetsWhereItBelongsHoweverOftenAWriteMakesDoWithLess(int clientsMax) {
        have(clientsMax);
        SplittableRandom random = Seed.random("halves " + clientsMax);
        byte[] data = new byte[2 * HALF];
        random.nextBytes(data);
        int offset = 1000 + random.nextInt(4000);
        EmbeddedChannel writer = client(disk);
        send(writer, header(Command.WRITE, offset, data.length));
        for (int at = 0; at < data.length; ) {
            int now = Math.min(data.length - at, 1 + random.nextInt(200_000));
            send(writer, Unpooled.wrappedBuffer(data, at, now).copy());
            at += now;
            if (random.nextBoolean()) {
                sessions.forEach(ServerSession::lend);
                settle();
            }
        }
        assertThat(answer(writer)).isEqualTo(GOOD);
        byte[] all = disk.snapshot(0, SECTORS);
        byte[] there = Arrays.copyOfRange(all, offset, offset + data.length);
        assertThat(Arrays.mismatch(there, data)).isEqualTo(-1);
    }

    @Test
    void aWriteOfWhichOnePieceFailsFailsAndOnlyOnceAllHaveEnded() {
        ManualDevice slow = new ManualDevice(disk.info());
        EmbeddedChannel writer = client(slow);
        send(writer, header(Command.WRITE, 0, 2 << 20));
        send(writer, Unpooled.buffer().writeZero(2 << 20));
        assertThat(slow.ops()).hasSize(2);
        slow.fail(0, Errno.EIO);
        settle();
        assertThat(writer.<ByteBuf>readOutbound()).isNull();
        slow.answer(1);
        settle();
        assertThat(answer(writer)).startsWith("67446698%08x".formatted(WireError.EIO.number()));
    }

    @Test
    void aClientThatGoesInTheMiddleOfAWriteIsOverOnceItsPiecesAre() {
        ManualDevice slow = new ManualDevice(disk.info());
        EmbeddedChannel writer = client(slow);
        ServerSession session = writer.pipeline().get(ServerSession.class);
        List<Boolean> over = new ArrayList<>();
        session.over().subscribe(never -> {}, failure -> over.add(false), () -> over.add(true));
        send(writer, header(Command.WRITE, 0, 3 << 20));
        send(writer, Unpooled.buffer().writeZero(1_500_000));
        writer.close().syncUninterruptibly();
        settle();
        assertThat(over).isEmpty();
        slow.answer(0);
        settle();
        assertThat(over).containsExactly(true);
        assertThat(pages.inUse()).isZero();
    }
}
