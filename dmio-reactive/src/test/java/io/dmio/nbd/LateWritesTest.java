package io.dmio.nbd;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.BlockDevice;
import io.dmio.BlockOp;
import io.dmio.DeviceInfo;
import io.dmio.Errno;
import io.dmio.nbd.wire.ReplyFormat;
import io.dmio.nbd.wire.RequestHeader;
import io.dmio.nbd.wire.Wire;
import io.dmio.testkit.DeviceFixture;
import io.dmio.testkit.ManualDevice;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import reactor.core.publisher.Mono;

/** A write hangs at a server, the client gives its connection up, and the write is done yet: nothing newer may have been then. */
class LateWritesTest extends DeviceFixture {

    private static final Set<Integer> NO_CHUNKS = Set.of(Wire.OPT_EXTENDED_HEADERS, Wire.OPT_STRUCTURED_REPLY);
    private static final NbdOptions QUICK =
            NbdOptions.DEFAULT.withConnectionsMax(2).withTimeouts(Duration.ofMillis(400), Duration.ofSeconds(30));
    private static final NbdOptions IMPATIENT = new NbdOptions(
            1,
            Duration.ofSeconds(2),
            Duration.ofMillis(400),
            Duration.ofSeconds(60),
            AfterLoss.whenClosed(Duration.ofDays(1)),
            Optional.empty());
    private static final Duration AGES = Duration.ofDays(1);

    /** What becomes of a connection that was given up with a write on it. */
    enum End {
        /** The write is answered after all. */
        ANSWERED,
        /** The server closes it. */
        CLOSED
    }

    @Test
    void aServerOfOursLetsNothingBeginBeforeTheLateWriteIsDone() {
        ManualDevice disk = new ManualDevice(DeviceInfo.of("disk", 64, "manual")); // which nobody has to flush
        try (NbdTestServer server = NbdTestServer.of(NbdServer.builder().export(NbdExport.of("disk", disk)));
                SlowLink link = new SlowLink((InetSocketAddress) server.server().address())) {
            BlockDevice device = open(NbdUri.tcp("127.0.0.1", link.port(), "disk"), IMPATIENT);
            CompletableFuture<Void> late = begun(device, new BlockOp.Write(0, filled(4096, 1), false));
            CompletableFuture<Void> newer = begun(device, new BlockOp.Write(8, filled(4096, 2), false));
            await(() -> disk.ops().size() == 2);
            await(() -> link.acceptedCount() >= 2); // the client has given up
            CompletableFuture<Void> newest = begun(device, new BlockOp.Write(16, filled(4096, 3), false));
            await(() -> link.acceptedCount() >= 3); // and comes back again and again
            disk.answer(0);
            int tries = link.acceptedCount();
            await(() -> link.acceptedCount() >= tries + 1); // the other one is waited for, too
            assertThat(disk.ops()).hasSize(2);
            disk.answer(1);
            await(() -> disk.ops().size() == 5); // both again, and the newest
            disk.answerFrom(2);
            ends(late);
            ends(newer);
            ends(newest);
        }
    }

    @ParameterizedTest
    @EnumSource
    void ofAnotherServerTheLateAnswerOrTheEndOfTheConnectionIsWaitedFor(End end) throws IOException {
        CompletableFuture<RequestHeader> hanging = new CompletableFuture<>();
        CompletableFuture<ScriptedServer.Answers> wayBack = new CompletableFuture<>();
        CountDownLatch second = new CountDownLatch(1);
        try (ScriptedServer server = new ScriptedServer(NO_CHUNKS, (connection, request, to) -> {
            if (hanging.complete(request)) {
                wayBack.complete(to);
            } else {
                second.countDown();
                to.good(request, ReplyFormat.SIMPLE);
            }
        })) {
            NbdDevice device = open(server.uri(), QUICK.withAfterLoss(AfterLoss.whenClosed(AGES)));
            CompletableFuture<Void> late = begun(device, new BlockOp.Write(0, filled(4096, 1), false));
            await(() -> server.connectionCount() >= 2); // the client has given up, and come back
            CompletableFuture<Void> newer = begun(device, new BlockOp.Flush());
            assertThat(second.getCount()).isOne();
            assertThat(newer).isNotDone();
            if (end == End.ANSWERED) {
                wayBack.join().good(hanging.join(), ReplyFormat.SIMPLE);
            } else {
                wayBack.join().close();
            }
            ends(late);
            ends(newer);
        }
    }

    /** How a server is reached. */
    enum Socket {
        TCP,
        UNIX;

        NbdServer.Builder bind(NbdServer.Builder builder, Path directory, int port) {
            return this == TCP ? builder.bind("127.0.0.1", port) : builder.bind(directory.resolve("socket"));
        }
    }

    @ParameterizedTest
    @EnumSource
    void aServerThatHasEndedIsNotWaitedFor(Socket socket, @TempDir Path directory) {
        ManualDevice hangs = new ManualDevice(DeviceInfo.of("disk", 64, "manual"));
        NbdServer first = served(socket, directory, 0, hangs);
        NbdDevice device = open(first.uri("disk"), QUICK.withAfterLoss(AfterLoss.whenClosed(AGES)));
        CompletableFuture<Void> write = begun(device, new BlockOp.Write(0, filled(4096, 1), false));
        await(() -> hangs.ops().size() == 1);
        first.close().block(PATIENCE);
        int port = first.address() instanceof InetSocketAddress tcp ? tcp.getPort() : 0;
        ManualDevice answers = new ManualDevice(DeviceInfo.of("disk", 64, "manual"));
        NbdServer second = served(socket, directory, port, answers);
        await(() -> answers.ops().size() == 1);
        answers.answer(0);
        ends(write);
        hangs.answer(0);
        closeDevices();
        second.close().block(PATIENCE);
    }

    private static NbdServer served(Socket socket, Path directory, int port, BlockDevice device) {
        return NbdTestServer.started(socket.bind(NbdServer.builder(), directory, port)
                .shutdownTimeout(Duration.ZERO)
                .export(NbdExport.of("disk", device)));
    }

    @Test
    void aServerWhoseClosingIsNotBelievedIsWaitedFor() {
        try (ScriptedServer server = new ScriptedServer(NO_CHUNKS, (connection, request, to) -> to.close())) {
            NbdOptions wary = QUICK.withTimeouts(Duration.ofMillis(400), Duration.ofSeconds(2))
                    .withAfterLoss(AfterLoss.after(AGES));
            NbdDevice device = open(server.uri(), wary);
            refuses(device, new BlockOp.Write(0, filled(4096, 1), false), Errno.EIO);
            refuses(device, new BlockOp.Flush(), Errno.EIO); // not for the lack of a connection
            assertThat(server.requestCount()).isOne();
        }
    }

    @Test
    void whoWaitsLongEnoughOrKnowsHisServerGoesOn() {
        for (AfterLoss rule : List.of(AfterLoss.atOnce(), AfterLoss.after(Duration.ofMillis(1)))) {
            try (ScriptedServer server = new ScriptedServer(NO_CHUNKS, (connection, request, to) -> {
                if (connection > 1) {
                    to.good(request, ReplyFormat.SIMPLE);
                }
            })) {
                write(open(server.uri(), QUICK.withAfterLoss(rule)), 0, filled(4096, 1));
            }
        }
    }

    @Test
    void aLostReadHoldsNothingUp() {
        try (ScriptedServer server = new ScriptedServer(NO_CHUNKS, (connection, request, to) -> {
            if (connection > 1) {
                to.good(request, ReplyFormat.SIMPLE);
            }
        })) {
            NbdDevice device = open(server.uri(), QUICK.withAfterLoss(AfterLoss.after(AGES)));
            run(device, new BlockOp.Flush()); // given up, and asked again
        }
    }

    private static CompletableFuture<Void> begun(BlockDevice device, BlockOp op) {
        return device.submit(op).toFuture();
    }

    private static void ends(CompletableFuture<Void> begun) {
        begun.orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS).join();
    }

    private static void await(BooleanSupplier there) {
        Mono.fromSupplier(there::getAsBoolean)
                .filter(now -> now)
                .repeatWhenEmpty(Integer.MAX_VALUE, again -> again.delayElements(Duration.ofMillis(10)))
                .block(PATIENCE);
    }

    private NbdDevice open(NbdUri uri, NbdOptions options) {
        NbdDevice device = Objects.requireNonNull(NbdDevice.open(uri, options).block(PATIENCE));
        tracked(device);
        return device;
    }
}
