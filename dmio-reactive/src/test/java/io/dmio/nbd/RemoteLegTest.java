package io.dmio.nbd;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.BlockOp;
import io.dmio.device.MemoryDevice;
import io.dmio.mirror.LegState;
import io.dmio.mirror.MirrorDevice;
import io.dmio.mirror.MirrorEvent;
import io.dmio.mirror.MirrorStatus;
import io.dmio.mirror.ScrubMode;
import io.dmio.mirror.ScrubReport;
import io.dmio.testkit.DeviceFixture;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Flux;

/** A leg of a mirror on another machine: its server dies under load, and comes back. */
class RemoteLegTest extends DeviceFixture {

    private static final long SECTORS = 65_536;
    private static final int CHUNK_SECTORS = RemoteMirror.CHUNK_BYTES / 512;

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit's
    private Path directory;

    private final MemoryDevice local = MemoryDevice.of("local", SECTORS);
    private final MemoryDevice remote = MemoryDevice.of("remote", SECTORS);
    private final Random random = new Random(23);

    @SuppressWarnings("NullAway.Init") // before each test
    private NbdServer server;

    @SuppressWarnings("NullAway.Init")
    private MirrorDevice mirror;

    @BeforeEach
    void start() {
        server = serve();
        mirror = RemoteMirror.create(local, server.uri("leg"), RemoteMirror.QUICK, RemoteMirror.QUICK_LEG);
        tracked(mirror);
    }

    @Test
    void aServerThatDiesCostsNoWriteAndItsLegGetsOnlyWhatItMissed() {
        for (int i = 0; i < 50; i++) {
            writeSomewhere();
        }
        run(mirror, new BlockOp.Flush());
        server.close().block(PATIENCE); // gone at once, with what was in flight
        for (int i = 0; i < 20; i++) {
            write(mirror, (long) i * 8, filled(4096, i)); // two chunks
        }
        run(mirror, new BlockOp.Flush());
        MirrorStatus without = status();
        assertThat(without.legs().get(0).state()).isEqualTo(LegState.IN_SYNC);
        assertThat(without.legs().get(1).state()).isNotEqualTo(LegState.IN_SYNC);
        assertThat(without.legs().get(1).staleChunks()).isLessThan(SECTORS / CHUNK_SECTORS / 2);
        long seen = without.lastEvents().stream()
                .mapToLong(MirrorEvent::number)
                .max()
                .orElse(0);
        server = serve();
        mirror.events(seen)
                .filter(event -> event.kind() == MirrorEvent.Kind.LEG_IN_SYNC)
                .mergeWith(mirror.resync().thenMany(Flux.never()))
                .filter(event -> event.leg() == 1)
                .blockFirst(PATIENCE);
        ScrubReport scrub = Objects.requireNonNull(mirror.scrub(ScrubMode.CHECK).block(PATIENCE));
        assertThat(scrub.sectorsDifferent()).isZero();
        assertThat(status().isInSync()).isTrue();
        long data = mirror.info().sectorCount();
        assertThat(remote.sha256(0, data)).isEqualTo(local.sha256(0, data));
        closeDevices();
        server.close().block(PATIENCE);
        remote.close().block(PATIENCE);
    }

    private void writeSomewhere() {
        long sector = random.nextInt((int) mirror.info().sectorCount() / 8 - 1) * 8L;
        write(mirror, sector, filled(4096, sector + 1));
    }

    private MirrorStatus status() {
        return Objects.requireNonNull(mirror.status().block(PATIENCE));
    }

    private NbdServer serve() {
        return NbdTestServer.started(NbdServer.builder()
                .bind(directory.resolve("leg"))
                .shutdownTimeout(Duration.ZERO)
                .export(NbdExport.of("leg", remote)));
    }
}
