package io.dmio.nbd;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.BlockOp;
import io.dmio.DeviceException;
import io.dmio.Errno;
import io.dmio.Extent;
import io.dmio.device.MemoryDevice;
import io.dmio.nbd.wire.ReplyFormat;
import io.dmio.nbd.wire.RequestHeader;
import io.dmio.nbd.wire.Wire;
import io.dmio.testkit.DeviceFixture;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import reactor.core.Disposable;

/** A client whose server lies, leaves, comes back, or says nothing. */
class NbdDeviceTest extends DeviceFixture {

    private static final Set<Integer> NO_EXTENDED = Set.of(Wire.OPT_EXTENDED_HEADERS);
    private static final Set<Integer> NO_CHUNKS = Set.of(Wire.OPT_EXTENDED_HEADERS, Wire.OPT_STRUCTURED_REPLY);
    private static final NbdOptions QUICK =
            NbdOptions.DEFAULT.withTimeouts(Duration.ofMillis(700), Duration.ofSeconds(3));

    /** What a server can say to a read of 8 sectors that is not true. */
    enum Lie {
        HALF_AND_DONE((read, to) -> {
            to.data(read, read.offset(), 2048, true);
        }),
        NOTHING_AND_DONE((read, to) -> {
            to.chunk(read, Wire.CHUNK_NONE, true);
        }),
        THE_SAME_TWICE((read, to) -> {
            to.data(read, read.offset(), 2048, false);
            to.data(read, read.offset() + 1024, 3072, true);
        }),
        BEYOND_WHAT_WAS_ASKED((read, to) -> {
            to.data(read, read.offset() + 512, 4096, true);
        }),
        BEFORE_WHAT_WAS_ASKED((read, to) -> {
            to.data(read, read.offset() - 512, 512, true);
        }),
        A_SIMPLE_ANSWER((read, to) -> {
            to.good(read, ReplyFormat.SIMPLE);
        }),
        A_STATUS((read, to) -> {
            to.chunk(read, Wire.CHUNK_BLOCK_STATUS, true, new byte[12]);
        }),
        A_CHUNK_NOBODY_KNOWS((read, to) -> {
            to.chunk(read, 77, true, new byte[3]);
        }),
        AN_ERROR_WITHOUT_A_NUMBER((read, to) -> {
            to.chunk(read, Wire.CHUNK_ERROR, true, new byte[6]);
        }),
        AN_ERROR_WHOSE_TEXT_IS_MISSING((read, to) -> {
            to.chunk(read, Wire.CHUNK_ERROR, true, new byte[] {0, 0, 0, 5, 0, 9, 'x'});
        }),
        A_HOLE_OF_NO_LENGTH((read, to) -> {
            to.chunk(read, Wire.CHUNK_OFFSET_HOLE, true, new byte[12]);
        }),
        ENDLESS_CONTENT((read, to) -> {
            to.send(frame -> frame.writeInt(Wire.STRUCTURED_REPLY_MAGIC)
                    .writeShort(1)
                    .writeShort(Wire.CHUNK_ERROR)
                    .writeLong(read.cookie())
                    .writeInt(-1));
        });

        @SuppressWarnings("ImmutableEnumChecker") // a lambda that holds nothing
        private final Answer answer;

        Lie(Answer answer) {
            this.answer = answer;
        }

        /** What is said to a read. */
        private interface Answer {
            void tell(RequestHeader read, ScriptedServer.Answers to) throws IOException;
        }
    }

    @ParameterizedTest
    @EnumSource
    void aLieIsAnErrorAndTheConnectionIsDropped(Lie lie) {
        AtomicInteger lies = new AtomicInteger();
        try (ScriptedServer server = new ScriptedServer(NO_EXTENDED, (connection, request, to) -> {
            if (lies.getAndIncrement() == 0) {
                lie.answer.tell(request, to);
            } else {
                to.data(request, request.offset(), (int) request.length(), true);
            }
        })) {
            NbdDevice device = open(server, QUICK);
            refuses(device, new BlockOp.Read(8, memory(4096)), Errno.EIO);
            run(device, new BlockOp.Read(8, memory(4096))); // on another connection
            assertThat(server.connectionCount()).isEqualTo(2);
        }
    }

    @Test
    void anAnswerNobodyAskedForDropsTheConnectionAndTheRequestIsAskedAgain() {
        AtomicInteger lies = new AtomicInteger();
        try (ScriptedServer server = new ScriptedServer(NO_CHUNKS, (connection, request, to) -> {
            boolean first = lies.getAndIncrement() == 0;
            to.send(frame ->
                    frame.writeInt(Wire.SIMPLE_REPLY_MAGIC).writeInt(0).writeLong(request.cookie() + (first ? 1 : 0)));
        })) {
            NbdDevice device = open(server, QUICK.withAfterLoss(AfterLoss.atOnce()));
            write(device, 0, filled(512, 1));
            assertThat(server.connectionCount()).isEqualTo(2);
        }
    }

    @Test
    void aServerThatKnowsLittleIsSpokenToSimply() {
        Set<Integer> all = Set.of(Wire.OPT_EXTENDED_HEADERS, Wire.OPT_STRUCTURED_REPLY, Wire.OPT_GO);
        try (ScriptedServer server =
                new ScriptedServer(all, (connection, request, to) -> to.good(request, ReplyFormat.SIMPLE))) {
            NbdDevice device = open(server, QUICK);
            assertThat(device.info().sectorCount()).isEqualTo(2048);
            write(device, 0, filled(512, 1));
            assertThat(device.extents(0, 2048).block(PATIENCE))
                    .isEqualTo(List.of(new Extent(0, 2048, Extent.Kind.DATA)));
        }
    }

    @Test
    void whatWasInFlightIsAskedAgainOnAnotherConnection() {
        try (ScriptedServer server = new ScriptedServer(NO_CHUNKS, (connection, request, to) -> {
            if (connection == 1) {
                to.close();
            } else {
                to.good(request, ReplyFormat.SIMPLE);
            }
        })) {
            NbdDevice device = open(server, QUICK);
            write(device, 0, filled(4096, 1));
            run(device, new BlockOp.Flush());
        }
    }

    @Test
    void anExportThatHasBecomeAnotherIsNotTouched() {
        AtomicInteger writes = new AtomicInteger();
        try (ScriptedServer server = new ScriptedServer(NO_CHUNKS, (connection, request, to) -> {
            if (connection == 1) {
                to.close();
            } else {
                writes.incrementAndGet();
                to.good(request, ReplyFormat.SIMPLE);
            }
        })) {
            NbdDevice device = open(server, QUICK);
            server.resize(2 << 20);
            refuses(device, new BlockOp.Write(0, filled(4096, 1), false), Errno.EIO);
            refuses(device, new BlockOp.Read(0, memory(4096)), Errno.EIO);
            assertThat(writes).hasValue(0);
        }
    }

    @Test
    void aServerThatSaysNothingIsNotWaitedForForEver() {
        try (ScriptedServer server = new ScriptedServer(NO_CHUNKS, (connection, request, to) -> {})) {
            NbdDevice device = open(server, QUICK);
            refuses(device, new BlockOp.Write(0, filled(4096, 1), false), Errno.EIO);
            assertThat(server.connectionCount()).isGreaterThan(1);
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = BlockOp.Kind.class,
            names = {"READ", "WRITE", "FLUSH", "DISCARD"})
    void anOperationEndsInItsTimeThoughItsConnectionMayTakeLonger(BlockOp.Kind kind) {
        NbdOptions options = new NbdOptions(
                1,
                Duration.ofSeconds(10),
                Duration.ofMinutes(10),
                Duration.ofMillis(600),
                AfterLoss.whenClosed(Duration.ofMinutes(10)),
                Optional.empty());
        BlockOp op = switch (kind) {
            case READ -> new BlockOp.Read(0, filled(4096, 1));
            case WRITE -> new BlockOp.Write(0, filled(4096, 1), false);
            case FLUSH -> new BlockOp.Flush();
            case DISCARD, WRITE_ZEROES -> new BlockOp.Discard(0, 8);
        };
        try (ScriptedServer server = new ScriptedServer(NO_CHUNKS, (connection, request, to) -> {})) {
            NbdDevice device = open(server, options);
            long begun = System.nanoTime();
            refuses(device, op, Errno.EIO);
            assertThat(Duration.ofNanos(System.nanoTime() - begun)).isBetween(Duration.ofMillis(600), PATIENCE);
        }
    }

    @Test
    void nobodyThereIsAnErrorThatSaysSo() {
        NbdUri nobody = NbdUri.tcp("127.0.0.1", 1, "");
        try {
            NbdDevice.open(nobody, QUICK).block(PATIENCE);
        } catch (DeviceException refused) {
            assertThat(refused.errno()).isEqualTo(Errno.ENXIO);
            assertThat(refused).hasMessageContaining("nbd://127.0.0.1:1").hasMessageContaining("refused");
            return;
        }
        throw new AssertionError("somebody was there");
    }

    @Test
    void rangesOfMoreThanACompactHeaderCanSayAreAskedForInPieces() {
        long bytes = (5L << 30) + 4096;
        for (boolean zeroes : new boolean[] {false, true}) {
            Queue<RequestHeader> asked = new ConcurrentLinkedQueue<>();
            try (ScriptedServer server = new ScriptedServer(
                    NO_CHUNKS, Wire.HAS_FLAGS | Wire.SEND_TRIM | Wire.SEND_WRITE_ZEROES, (connection, request, to) -> {
                        asked.add(request);
                        to.good(request, ReplyFormat.SIMPLE);
                    })) {
                server.resize(8L << 40);
                NbdDevice device = open(server, QUICK);
                run(device, zeroes ? new BlockOp.WriteZeroes(8, bytes / 512) : new BlockOp.Discard(8, bytes / 512));
                long at = 4096;
                for (RequestHeader one : asked) {
                    assertThat(one.offset()).isEqualTo(at);
                    assertThat(one.length()).isBetween(1L, 1L << 30);
                    at += one.length();
                }
                assertThat(at).isEqualTo(4096 + bytes);
                asked.clear();
                refuses(device, new BlockOp.Discard((8L << 31) - 8, 1L << 23), Errno.ENOSPC);
                assertThat(asked).isEmpty();
            }
        }
    }

    @Test
    void whoGivesUpOpeningLeavesNoConnection() throws InterruptedException {
        CountDownLatch there = new CountDownLatch(1);
        CountDownLatch gone = new CountDownLatch(1);
        try (Loopback silent = new Loopback("silent-server")) {
            silent.accept((socket, number) -> {
                there.countDown();
                try (socket) {
                    while (socket.getInputStream().read() >= 0) {
                        // it says nothing, and waits until the client has left
                    }
                } catch (IOException reset) {
                    // it has left
                }
                gone.countDown();
            });
            Disposable opening = NbdDevice.open(NbdUri.tcp("127.0.0.1", silent.port(), ""), NbdOptions.DEFAULT)
                    .subscribe();
            assertThat(there.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
            opening.dispose();
            assertThat(gone.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void holesAreToldOverTheWire() {
        MemoryDevice disk = MemoryDevice.of("disk", 4096);
        disk.load(128, new byte[65_536]);
        try (NbdTestServer server = NbdTestServer.of(NbdServer.builder().export(NbdExport.of("disk", disk)))) {
            NbdDevice device = Objects.requireNonNull(
                    NbdDevice.open(server.server().uri("disk"), QUICK).block(PATIENCE));
            assertThat(device.extents(0, 4096).block(PATIENCE))
                    .isEqualTo(List.of(
                            new Extent(0, 128, Extent.Kind.HOLE),
                            new Extent(128, 128, Extent.Kind.DATA),
                            new Extent(256, 3840, Extent.Kind.HOLE)));
            device.close().block(PATIENCE);
        }
        disk.close().block(PATIENCE);
    }

    private NbdDevice open(ScriptedServer server, NbdOptions options) {
        NbdDevice device =
                Objects.requireNonNull(NbdDevice.open(server.uri(), options).block(PATIENCE));
        tracked(device);
        return device;
    }
}
