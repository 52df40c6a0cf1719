package io.dmio.nbd;

import io.dmio.BlockDevice;
import io.dmio.Capability;
import io.dmio.DeviceInfo;
import io.dmio.Sectors;
import io.dmio.device.MemoryDevice;
import io.dmio.engine.OpenOptions;
import io.dmio.engine.UringHere;
import io.dmio.testkit.BlockDeviceContract;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.io.TempDir;

/** A device behind our server and our client is a device. */
class NbdContractTest {

    /** Serves one device to one client. */
    abstract static class Served extends BlockDeviceContract {

        private final List<NbdServer> servers = new ArrayList<>();

        abstract NbdServer.Builder place();

        abstract BlockDevice behind(long sectors, EnumSet<Capability> capabilities);

        @Override
        protected BlockDevice open(long sectors) {
            return serve(behind(sectors, EnumSet.complementOf(EnumSet.of(Capability.READ_ONLY))));
        }

        @Override
        protected Optional<BlockDevice> openReadOnly(long sectors) {
            return Optional.of(serve(behind(sectors, EnumSet.allOf(Capability.class))));
        }

        private BlockDevice serve(BlockDevice device) {
            return serve(NbdExport.of("disk", device));
        }

        final NbdDevice serve(NbdExport export) {
            NbdServer server = NbdTestServer.started(place().export(export));
            servers.add(server);
            return Objects.requireNonNull(
                    NbdDevice.open(server.uri("disk"), NbdOptions.DEFAULT).block(PATIENCE));
        }

        @AfterEach
        void stopServers() {
            closeDevices();
            servers.forEach(server -> server.close().block(PATIENCE));
        }
    }

    @Nested
    class OverTcpWithBlocksOf512 extends Served {
        @Override
        NbdServer.Builder place() {
            return NbdServer.builder().bind("127.0.0.1", 0);
        }

        @Override
        MemoryDevice behind(long sectors, EnumSet<Capability> capabilities) {
            return MemoryDevice.of(DeviceInfo.of("memory", sectors, "memory").withCapabilities(capabilities));
        }
    }

    /** {@link NbdPaddedDevice}: of an export of whole blocks, and for reading of one that ends inside its last block. */
    @Nested
    class WithPaddingAfterTheLastByte extends OverTcpWithBlocksOf512 {
        private static final int ODD = 100;

        @Override
        protected BlockDevice open(long sectors) {
            return ((NbdDevice) super.open(sectors)).padded();
        }

        @Override
        protected Optional<BlockDevice> openReadOnly(long sectors) {
            MemoryDevice whole = behind(sectors - 1, EnumSet.allOf(Capability.class));
            return Optional.of(
                    serve(NbdExport.of("disk", whole).withTail(new byte[ODD])).padded());
        }
    }

    @Nested
    class OverAUnixSocketWithBlocksOf4096 extends Served {
        @TempDir
        @SuppressWarnings("NullAway.Init") // JUnit's
        private Path directory;

        @Override
        NbdServer.Builder place() {
            try {
                return NbdServer.builder()
                        .bind(Files.createTempDirectory(directory, "s").resolve("nbd"));
            } catch (IOException failure) {
                throw new UncheckedIOException(failure);
            }
        }

        @Override
        MemoryDevice behind(long sectors, EnumSet<Capability> capabilities) {
            return MemoryDevice.of(DeviceInfo.of("memory", sectors, "memory")
                    .withBlocks(4096, 4096)
                    .withCapabilities(capabilities));
        }
    }

    @Nested
    class OnTheRingOfItsFile extends Served {
        @TempDir
        @SuppressWarnings("NullAway.Init") // JUnit's
        private Path directory;

        @Override
        NbdServer.Builder place() {
            return NbdTestServer.onRings().bind("127.0.0.1", 0);
        }

        @Override
        BlockDevice behind(long sectors, EnumSet<Capability> capabilities) {
            try {
                Path file = Files.createTempFile(directory, "disk", null);
                Files.write(file, new byte[(int) Sectors.toBytes(sectors)]);
                boolean readOnly = capabilities.contains(Capability.READ_ONLY);
                OpenOptions options = readOnly ? OpenOptions.readOnly() : OpenOptions.readWrite();
                return Objects.requireNonNull(
                        UringHere.shared().open(file, options.withDirect(false)).block(PATIENCE));
            } catch (IOException failure) {
                throw new UncheckedIOException(failure);
            }
        }
    }
}
