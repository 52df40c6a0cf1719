package io.dmio.guides;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.BlockDevice;
import io.dmio.DmIo;
import io.dmio.ErrorBits;
import io.dmio.IoRegion;
import io.dmio.VmBuffer;
import io.dmio.device.MemoryDevice;
import io.dmio.engine.EventLoops;
import io.dmio.engine.IoEngines;
import io.dmio.nbd.NbdDevice;
import io.dmio.nbd.NbdExport;
import io.dmio.nbd.NbdServer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Mono;

/** docs/guide-nbd.md. */
class NbdGuideTest {

    private final DmIo io = DmIo.create().get(64);
    private final BlockDevice device = MemoryDevice.of("disk", 2048);

    @Test
    void aDeviceIsServedAndUsedByAClient() {
        VmBuffer memory = VmBuffer.of(new byte[4096]);

        Mono<NbdServer> started = NbdServer.builder()
                .bind("127.0.0.1", 0) // any port that is free
                .export(NbdExport.of("disk", device).withDescription("a disk of the service"))
                .start();
        Mono<ErrorBits> written = Mono.usingWhen(
                started,
                server -> Mono.usingWhen(
                        NbdDevice.open(server.uri("disk").toString()),
                        remote -> io.write(List.of(new IoRegion(remote, 0, 8)), memory),
                        BlockDevice::close),
                NbdServer::close); // answers what is in flight, flushes, and leaves the device to you

        assertThat(written.block()).isEqualTo(ErrorBits.NONE);
    }

    @Test
    void limitsAreOfEachClientAndOfAll(@TempDir Path directory) {
        Mono<NbdServer> started = NbdServer.builder()
                .bind(directory.resolve("disk.sock")) // only its owner may connect
                .export(NbdExport.of("disk", device).asReadOnly())
                .connectionsMax(16)
                .requestsMax(32) // of one client, in flight
                .pagesMax(4096) // 16 MiB for all of them
                .shutdownTimeout(Duration.ofSeconds(3))
                .start();

        NbdServer server = started.blockOptional().orElseThrow();
        assertThat(server.uri("disk").toString()).startsWith("nbd+unix:///disk?socket=");
        server.close().block();
    }

    @Test
    void aServerMayRunOnTheLoopsOfTheEngine() {
        NbdServer.Builder builder = NbdServer.builder().bind("127.0.0.1", 0).export(NbdExport.of("disk", device));

        EventLoops.of(IoEngines.best()).ifPresent(builder::eventLoops); // from socket to disk on one thread

        NbdServer server = builder.start().blockOptional().orElseThrow();
        assertThat(server.connectionCount()).isZero();
        server.close().block();
    }
}
