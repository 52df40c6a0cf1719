package io.dmio.nbd;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.BlockDevice;
import io.dmio.BlockOp;
import io.dmio.DeviceException;
import io.dmio.Errno;
import io.dmio.device.MemoryDevice;
import io.dmio.mirror.MirrorDevice;
import io.dmio.mirror.MirrorOptions;
import io.dmio.testkit.DeviceFixture;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** nbdkit's filters as a bad remote: errors are errors of the operation, slowness is patience, and a mirror stands above both. */
class BadServersTest extends DeviceFixture {

    private static final int SECTORS = 8192;
    private static final String DISK = "memory";

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit's
    private Path directory;

    private final List<Process> servers = new ArrayList<>();

    @AfterEach
    void stopServers() throws InterruptedException {
        closeDevices();
        for (Process server : servers) {
            server.destroyForcibly().waitFor();
        }
    }

    @Test
    void someOperationsFailAndEachAnswerIsItsOwn() {
        BlockDevice device = open("error", DISK, "size=4M", "error=ENOSPC", "error-pwrite-rate=50%");
        List<Integer> written = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            ByteBuf block = filled(4096, i + 1);
            DeviceException failure = failureOf(device.submit(new BlockOp.Write(i * 8L, block, false)));
            if (failure == null) {
                written.add(i);
            } else {
                assertThat(failure.errno()).isEqualTo(Errno.ENOSPC);
            }
        }
        assertThat(written).hasSizeBetween(10, 90);
        for (int i : written) {
            ByteBuf read = memory(4096);
            device.submit(new BlockOp.Read(i * 8L, read)).block(PATIENCE);
            assertThat(read.setIndex(0, 4096)).isEqualTo(filled(4096, i + 1));
        }
    }

    @Test
    void aSlowServerIsWaitedForUpToTheDeadlineAndNoLonger() {
        BlockDevice patient = open("delay", DISK, "size=4M", "rdelay=300ms", "wdelay=300ms");
        Flux.range(0, 64)
                .flatMap(i -> patient.submit(new BlockOp.Write(i * 8L, filled(4096, i + 1), false)), 64)
                .blockLast(PATIENCE);
        BlockDevice impatient = open(
                NbdOptions.DEFAULT.withTimeouts(Duration.ofMillis(200), Duration.ofMillis(900)),
                "delay",
                DISK,
                "size=4M",
                "rdelay=30");
        DeviceException failure = failureOf(impatient.submit(new BlockOp.Read(0, memory(4096))));
        assertThat(Objects.requireNonNull(failure).errno()).isEqualTo(Errno.EIO);
    }

    @Test
    void aServerThatTriesAgainItselfIsAGoodOne() {
        BlockDevice device = open(
                "retry",
                "--filter=error",
                DISK,
                "size=4M",
                "error-pwrite-rate=20%",
                "retry-delay=1",
                "retry-exponential=no");
        Flux.range(0, 50)
                .flatMap(i -> device.submit(new BlockOp.Write(i * 8L, filled(4096, i + 1), false)), 50)
                .blockLast(PATIENCE);
    }

    @Test
    void aMirrorWithABadLegFailsNoWrite() {
        MemoryDevice good = MemoryDevice.of("good", SECTORS);
        Path switchedOn = directory.resolve("errors");
        BlockDevice bad = open("error", DISK, "size=4M", "error-rate=20%", "error-file=" + switchedOn);
        MirrorDevice mirror = Objects.requireNonNull(MirrorDevice.create(List.of(good, bad), MirrorOptions.defaults())
                .block(PATIENCE));
        tracked(mirror);
        mirror.resync().block(PATIENCE);
        touch(switchedOn);
        for (int i = 0; i < 200; i++) {
            mirror.submit(new BlockOp.Write(i * 8L, filled(4096, i + 1), false)).block(PATIENCE);
        }
        for (int i = 0; i < 200; i++) {
            ByteBuf read = memory(4096);
            mirror.submit(new BlockOp.Read(i * 8L, read)).block(PATIENCE);
            assertThat(read.setIndex(0, 4096)).isEqualTo(filled(4096, i + 1));
        }
    }

    private static void touch(Path file) {
        try {
            Files.createFile(file);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private static @Nullable DeviceException failureOf(Mono<Void> operation) {
        try {
            operation.block(PATIENCE);
            return null;
        } catch (DeviceException failure) {
            return failure;
        }
    }

    private BlockDevice open(String filter, String... arguments) {
        return open(NbdOptions.DEFAULT, filter, arguments);
    }

    private BlockDevice open(NbdOptions options, String filter, String... arguments) {
        Tool.assumeThere("nbdkit");
        Path socket = directory.resolve("s" + servers.size());
        List<String> command = new ArrayList<>(List.of("nbdkit", "-f", "-U", socket.toString(), "--filter=" + filter));
        command.addAll(List.of(arguments));
        servers.add(Tool.serve(() -> Tool.isAlive(socket), command));
        return tracked(Objects.requireNonNull(NbdDevice.open(NbdUri.parse("nbd+unix:///?socket=" + socket), options)
                .block(PATIENCE)));
    }
}
