package io.dmio.nbd;

import io.dmio.BlockDevice;
import io.dmio.testkit.BlockDeviceContract;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.io.TempDir;

/** Our client on other people's servers keeps the contract of all devices. Skipped where they are not installed. */
class ForeignServersTest {

    abstract static class OnA extends BlockDeviceContract {

        private final List<Process> servers = new ArrayList<>();

        @TempDir
        @SuppressWarnings("NullAway.Init") // JUnit's
        private Path directory;

        abstract String tool();

        abstract List<String> command(Path socket, Path file, boolean readOnly);

        @BeforeEach
        void isThere() {
            Tool.assumeThere(tool());
        }

        @Override
        protected BlockDevice open(long sectors) {
            return serve(sectors, false);
        }

        @Override
        protected Optional<BlockDevice> openReadOnly(long sectors) {
            return Optional.of(serve(sectors, true));
        }

        private BlockDevice serve(long sectors, boolean readOnly) {
            Path file = directory.resolve("disk" + servers.size());
            Path socket = directory.resolve("socket" + servers.size());
            try (RandomAccessFile disk = new RandomAccessFile(file.toFile(), "rw")) {
                disk.setLength(sectors * 512);
            } catch (IOException failure) {
                throw new UncheckedIOException(failure);
            }
            servers.add(Tool.serve(() -> Tool.isAlive(socket), command(socket, file, readOnly)));
            return Objects.requireNonNull(
                    NbdDevice.open(NbdUri.unix(socket, ""), NbdOptions.DEFAULT).block(PATIENCE));
        }

        @AfterEach
        void stopServers() throws InterruptedException {
            closeDevices();
            for (Process server : servers) {
                server.destroy();
                server.waitFor();
            }
        }
    }

    @Nested
    class Nbdkit extends OnA {
        @Override
        String tool() {
            return "nbdkit";
        }

        @Override
        List<String> command(Path socket, Path file, boolean readOnly) {
            List<String> words = new ArrayList<>(List.of("nbdkit", "-f", "-U", socket.toString()));
            if (readOnly) {
                words.add("-r");
            }
            words.addAll(List.of("file", file.toString()));
            return words;
        }
    }

    @Nested
    class QemuNbd extends OnA {
        @Override
        String tool() {
            return "qemu-nbd";
        }

        @Override
        List<String> command(Path socket, Path file, boolean readOnly) {
            List<String> words = new ArrayList<>(
                    List.of("qemu-nbd", "-f", "raw", "-k", socket.toString(), "-t", "-e", "8", "--discard=unmap"));
            if (readOnly) {
                words.add("-r");
            }
            words.add(file.toString());
            return words;
        }
    }
}
