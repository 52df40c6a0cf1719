package io.dmio.nbd;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.BlockOp;
import io.dmio.Errno;
import io.dmio.device.MemoryDevice;
import io.dmio.mirror.LegState;
import io.dmio.mirror.MirrorDevice;
import io.dmio.nbd.wire.Command;
import io.dmio.nbd.wire.ReplyFormat;
import io.dmio.nbd.wire.Wire;
import io.dmio.testkit.DeviceFixture;
import io.netty.buffer.ByteBuf;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Flux;

/** A server is gone and something answers at its address again, perhaps before anybody noticed: it has to be the same. */
class SilentReturnsTest extends DeviceFixture {

    private static final long SECTORS = 65_536;
    private static final Set<Integer> NO_CHUNKS = Set.of(Wire.OPT_EXTENDED_HEADERS, Wire.OPT_STRUCTURED_REPLY);
    private static final NbdOptions QUICK =
            NbdOptions.DEFAULT.withTimeouts(Duration.ofSeconds(10), Duration.ofSeconds(30));

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit's
    private Path directory;

    @Test
    void aServerThatCameBackBlankBetweenTwoWritesIsNotTakenForTheLeg() {
        MemoryDevice local = MemoryDevice.of("local", SECTORS);
        MemoryDevice leg = MemoryDevice.of("leg", SECTORS);
        MemoryDevice blank = MemoryDevice.of("blank", SECTORS);
        String nothing = blank.sha256(0, SECTORS);
        NbdServer first = serve(leg);
        MirrorDevice mirror = RemoteMirror.create(local, first.uri("leg"), QUICK, Duration.ofSeconds(5));
        tracked(mirror);
        ByteBuf before = filled(4096, 1);
        ByteBuf after = filled(4096, 2);
        write(mirror, 0, before);
        run(mirror, new BlockOp.Flush());
        first.close().block(PATIENCE);
        NbdServer second = serve(blank);
        write(mirror, 512, after);
        Flux.interval(Duration.ofMillis(20))
                .onBackpressureDrop()
                .concatMap(tick -> mirror.status(), 1)
                .filter(status -> status.legs().get(1).state() == LegState.REFUSED)
                .blockFirst(PATIENCE);
        for (int i = 0; i < 8; i++) { // whichever leg would be read
            assertThat(read(mirror, 0, 4096)).isEqualTo(before);
            assertThat(read(mirror, 512, 4096)).isEqualTo(after);
        }
        assertThat(blank.sha256(0, SECTORS)).isEqualTo(nothing);
        closeDevices();
        second.close().block(PATIENCE);
        leg.close().block(PATIENCE);
        blank.close().block(PATIENCE);
    }

    @Test
    void aPinnedDeviceFailsUntilItIsPinnedAgainIfItsServerCannotProveThatItIsTheSame() {
        try (ScriptedServer server = new ScriptedServer(NO_CHUNKS, (connection, request, to) -> {
            if (request.command() == Command.TRIM) {
                to.close();
            } else {
                to.good(request, ReplyFormat.SIMPLE);
            }
        })) {
            NbdDevice device = open(server.uri());
            device.pin();
            write(device, 0, filled(4096, 1));
            refuses(device, new BlockOp.Discard(8, 8), Errno.ESTALE); // loses the connection, and is not asked again
            refuses(device, new BlockOp.Read(0, memory(4096)), Errno.ESTALE);
            refuses(device, new BlockOp.Write(0, filled(4096, 1), false), Errno.ESTALE);
            refuses(device, new BlockOp.Flush(), Errno.ESTALE);
            device.pin();
            write(device, 0, filled(4096, 1));
            run(device, new BlockOp.Flush()); // whoever pins it knows that what was not flushed may be gone
        }
    }

    @Test
    void aServerOfOursThatIsTheSameGoesOnWithoutAWord() {
        MemoryDevice disk = MemoryDevice.of("disk", SECTORS);
        try (NbdTestServer server = NbdTestServer.of(NbdServer.builder().export(NbdExport.of("leg", disk)));
                SlowLink link = new SlowLink((InetSocketAddress) server.server().address())) {
            NbdDevice device = open(NbdUri.tcp("127.0.0.1", link.port(), "leg"));
            device.pin();
            write(device, 0, filled(4096, 1));
            link.cut();
            write(device, 8, filled(4096, 2));
            run(device, new BlockOp.Flush()); // nothing was forgotten
            closeDevices();
        }
        disk.close().block(PATIENCE);
    }

    @Test
    void aConnectionThatCannotBeMadeAnewAtOnceIsTriedAgainThoughOthersCould() {
        MemoryDevice disk = MemoryDevice.of("disk", SECTORS);
        try (NbdTestServer server = NbdTestServer.of(NbdServer.builder().export(NbdExport.of("leg", disk)));
                SlowLink link = new SlowLink((InetSocketAddress) server.server().address())) {
            NbdDevice device = open(NbdUri.tcp("127.0.0.1", link.port(), "leg"));
            int connections = NbdOptions.DEFAULT.connectionsMax();
            for (int i = 0; i < 4; i++) {
                int made = connections;
                Flux.interval(Duration.ofMillis(20))
                        .filter(tick -> link.acceptedCount() == made)
                        .blockFirst(PATIENCE);
                link.cutAndRefuseOne(); // that in the place of the one which owes what comes now
                write(device, 8, filled(4096, 2));
                connections += NbdOptions.DEFAULT.connectionsMax() + 1;
            }
            closeDevices();
        }
        disk.close().block(PATIENCE);
    }

    @Test
    void aServerOfOursThatWasRestartedIsAnother() {
        MemoryDevice disk = MemoryDevice.of("disk", SECTORS);
        NbdServer first = serve(disk);
        NbdDevice pinned = open(first.uri("leg"));
        NbdDevice plain = open(first.uri("leg"));
        pinned.pin();
        write(pinned, 0, filled(4096, 1));
        write(plain, 8, filled(4096, 1));
        first.close().block(PATIENCE);
        NbdServer second = serve(disk);
        refuses(pinned, new BlockOp.Read(0, memory(4096)), Errno.ESTALE);
        assertThat(read(plain, 8, 4096)).isEqualTo(filled(4096, 1));
        refuses(plain, new BlockOp.Flush(), Errno.EIO);
        run(plain, new BlockOp.Flush());
        closeDevices();
        second.close().block(PATIENCE);
        disk.close().block(PATIENCE);
    }

    private NbdServer serve(MemoryDevice disk) {
        return NbdTestServer.started(NbdServer.builder()
                .bind(directory.resolve("leg"))
                .shutdownTimeout(Duration.ZERO)
                .export(NbdExport.of("leg", disk)));
    }

    private NbdDevice open(NbdUri uri) {
        NbdDevice device = Objects.requireNonNull(NbdDevice.open(uri, QUICK).block(PATIENCE));
        tracked(device);
        return device;
    }
}
