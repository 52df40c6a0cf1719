package io.dmio.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.BlockDevice;
import io.dmio.BlockOp;
import io.dmio.Capability;
import io.dmio.DeviceException;
import io.dmio.DmIo;
import io.dmio.Errno;
import io.dmio.ErrorBits;
import io.dmio.Extent;
import io.dmio.IoRegion;
import io.dmio.VmBuffer;
import io.netty.buffer.ByteBuf;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;

/** What is the jdk engine's alone: what it says that it cannot, and that nobody's interrupt closes a file. */
class JdkEngineTest extends EngineFixture {

    private final IoEngine engine = IoEngines.jdk();

    @Test
    void whatItCannotItsDevicesSay() {
        BlockDevice device = tracked(
                open(engine, directory.resolve("file"), OpenOptions.readWrite().withCreate(8192)));
        assertThat(device.info().capabilities()).containsExactlyInAnyOrder(Capability.FLUSH, Capability.FUA);
        assertThat(device.extents(0, 16).block(PATIENCE)).containsExactly(new Extent(0, 16, Extent.Kind.DATA));
        refuses(device, new BlockOp.WriteZeroes(0, 8), Errno.EOPNOTSUPP);
        refuses(device, new BlockOp.Discard(0, 8), Errno.EOPNOTSUPP);
    }

    @Test
    void directIoIsRefusedAndNoFileIsMade() {
        Path file = directory.resolve("file");
        StepVerifier.create(engine.open(
                        file, OpenOptions.readWrite().withCreate(4096).withDirect(true)))
                .expectErrorSatisfies(
                        error -> assertThat(error)
                                .isInstanceOf(DeviceException.class)
                                .hasMessage(
                                        "EOPNOTSUPP: " + file
                                                + ": the jdk engine has no direct I/O; open it buffered, or by the posix or uring engine"))
                .verify(PATIENCE);
        assertThat(file).doesNotExist();
    }

    @Test
    void anInterruptOfItsThreadsLosesNothing() {
        BlockDevice device = tracked(
                open(engine, directory.resolve("file"), OpenOptions.readWrite().withCreate(1 << 20)));
        Thread[] worker = {Thread.currentThread()};
        ByteBuf memory = filled(1 << 20, 1);
        for (int round = 0; round < 200; round++) {
            Mono<Void> write = device.submit(new BlockOp.Write(0, memory, false))
                    .doOnSuccess(done -> {
                        worker[0] = Thread.currentThread();
                        Thread.currentThread().interrupt(); // by a callback, and it stays set
                    })
                    .cache();
            write.subscribe();
            if (worker[0] != Thread.currentThread()) {
                worker[0].interrupt(); // in the middle of a call, most likely
            }
            write.block(PATIENCE);
        }
        assertThat(worker[0].getName()).startsWith("dmio-jdk-");
        assertThat(all(read(device, 0, 1 << 20))).isEqualTo(all(memory));
    }

    @Test
    void aSyncCallOfAnInterruptedThreadDoesNotCloseTheFile() {
        BlockDevice device = tracked(
                open(engine, directory.resolve("file"), OpenOptions.readWrite().withCreate(4096)));
        DmIo io = DmIo.create().get(4);
        VmBuffer memory = VmBuffer.of(new byte[4096]);
        Thread.currentThread().interrupt();
        try {
            io.readSync(IoRegion.all(device), memory);
        } catch (RuntimeException interrupted) {
            assertThat(interrupted).hasRootCauseInstanceOf(InterruptedException.class);
        } finally {
            var unused = Thread.interrupted();
        }
        assertThat(io.readSync(IoRegion.all(device), memory)).isEqualTo(ErrorBits.NONE);
    }

    @Test
    void itsLockLetsReadersIn() throws Exception {
        Path file = directory.resolve("file");
        BlockDevice device = tracked(open(engine, file, OpenOptions.readWrite().withCreate(4096)));
        write(device, 0, filled(4096, 2));
        try (FileChannel other = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            assertThat(other.tryLock(0, 4096, false)).as("where the data is").isNotNull();
        }
        assertThat(Files.readAllBytes(file)).isEqualTo(all(filled(4096, 2)));
    }

    @Test
    void aSecondProcessIsRefused() throws Exception {
        Path file = directory.resolve("file");
        BlockDevice device = tracked(open(engine, file, OpenOptions.readWrite().withCreate(4096)));
        assertThat(device.info().engine()).isEqualTo("jdk");
        Process other = new ProcessBuilder(io.dmio.harness.ChildJvm.command(Other.class, file.toString()))
                .redirectErrorStream(true)
                .start();
        assertThat(new String(other.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                .contains("EBUSY");
    }

    /** Opens a file and says what comes of it. */
    public static final class Other {
        private Other() {}

        /** Opens the file that is named. */
        @SuppressWarnings("SystemOut")
        public static void main(String[] args) {
            try {
                IoEngines.jdk().open(Path.of(args[0]), OpenOptions.readWrite()).block(PATIENCE);
                System.out.println("opened");
            } catch (DeviceException refused) {
                System.out.println(refused.errno());
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "C:\\data\\nul",
                "C:\\data\\NUL.img",
                "nul",
                "con",
                "D:/x/Com1.txt",
                "lpt9",
                "aux:",
                "prn .img",
                "\\\\.\\PhysicalDrive0",
                "\\\\.\\C:",
                "COM\u00b9",
                "CONIN$"
            })
    void whatWindowsTakesForADeviceIsNoFile(String path) {
        assertThat(WindowsNames.isDevice(path)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "C:\\data\\null.img",
                "C:\\nul\\disk.img",
                "console",
                "com",
                "com10.img",
                "\\\\server\\share\\disk",
                "D:\\lptx",
                "image.nul",
                "C:\\",
                "aux1",
                "\\\\?\\C:\\very\\long.img"
            })
    void otherNamesAreFilesToWindowsToo(String path) {
        assertThat(WindowsNames.isDevice(path)).isFalse();
    }

    @Test
    void onlyWindowsHasSuchNames() {
        assertThat(List.of("Windows 11", "Windows Server 2022")).allMatch(WindowsNames::apply);
        assertThat(List.of("Linux", "Mac OS X", "FreeBSD", "")).noneMatch(WindowsNames::apply);
    }
}
