package io.dmio.app.mirror;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.dmio.DeviceException;
import io.dmio.DmIo;
import io.dmio.IoRegion;
import io.dmio.VmBuffer;
import io.dmio.app.cli.Engine;
import io.dmio.engine.OpenOptions;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Disks by names that stay while their numbers change, as those in /dev/disk do; on loop devices, so as root. */
class DiskPathTest {

    private static final int BYTES = 1 << 20;

    private final Engine engine = Engine.of(Engine.Wish.posix);
    private final Deque<String> loops = new ArrayDeque<>();

    @TempDir
    private Path dir;

    private PathDevice disk;

    @BeforeEach
    void open() throws IOException, InterruptedException {
        link(loop("first", BYTES));
        String name = dir.resolve("by-id").toString();
        disk = (PathDevice) PathDevice.of(name, () -> engine.open(name, OpenOptions.readWrite()));
    }

    @AfterEach
    void close() throws IOException, InterruptedException {
        if (disk != null) {
            disk.close().block();
        }
        for (String loop : loops) {
            losetup("--detach", loop);
        }
    }

    @Test
    void aDiskThatIsPluggedInAgainIsUsedUnderItsNewNumber() throws Exception {
        assertThat(read()).isEqualTo("first");
        unplug();
        assertThatThrownBy(this::read).isInstanceOf(DeviceException.class);
        disk.pin();
        disk.look();
        assertThatThrownBy(this::read).isInstanceOf(DeviceException.class);
        link(loop("second", BYTES));
        disk.look();
        assertThatThrownBy(this::read).as("nobody has asked who that is").isInstanceOf(DeviceException.class);
        disk.pin();
        assertThat(read()).isEqualTo("second");
    }

    @Test
    void aDiskThatAnswersIsKeptWhateverItsNameStandsFor() throws Exception {
        link(loop("second", BYTES));
        disk.pin();
        disk.look();
        disk.pin();
        assertThat(read()).isEqualTo("first");
    }

    @Test
    void aDiskOfAnotherSizeIsNotTakenAndTold() throws Exception {
        unplug();
        link(loop("second", 2 * BYTES));
        disk.pin();
        disk.look();
        disk.pin();
        assertThatThrownBy(this::read)
                .hasMessageStartingWith("ESTALE")
                .hasMessageContaining("another disk is there now, of 2097152 bytes, where it had 1048576");
    }

    @Test
    void aDiskThatIsBackUnderItsOwnNumberIsTakenAfterAnother() throws Exception {
        unplug();
        link(loop("wrong", 2 * BYTES));
        disk.pin();
        disk.look();
        assertThatThrownBy(this::read).hasMessageContaining("another disk is there now");
        write("first", BYTES);
        losetup("--set-capacity", loops.getFirst());
        link(loops.getFirst());
        disk.pin();
        disk.look();
        disk.pin();
        assertThat(read()).isEqualTo("first");
    }

    @Test
    void theRightDiskIsTakenAfterAnother() throws Exception {
        unplug();
        link(loop("wrong", 2 * BYTES));
        disk.pin();
        disk.look();
        link(loop("second", BYTES));
        disk.pin();
        disk.look();
        disk.pin();
        assertThat(read()).isEqualTo("second");
    }

    private String read() throws IOException {
        DmIo client = DmIo.create().get(1);
        byte[] bytes = new byte[4096];
        try {
            client.readSync(new IoRegion(disk, 0, 8), VmBuffer.of(bytes)).orThrow();
        } finally {
            client.close().block();
        }
        return new String(bytes, StandardCharsets.UTF_8).strip();
    }

    /** As a disk that is gone, it has nothing any more. */
    private void unplug() throws IOException, InterruptedException {
        Files.write(dir.resolve("first"), new byte[0]);
        losetup("--set-capacity", loops.getFirst());
        Files.delete(dir.resolve("by-id"));
    }

    private void link(String loop) throws IOException {
        Files.deleteIfExists(dir.resolve("by-id"));
        Files.createSymbolicLink(dir.resolve("by-id"), Path.of(loop));
    }

    private String loop(String says, int bytes) throws IOException, InterruptedException {
        assumeTrue("root".equals(System.getProperty("user.name")), "loop devices need root");
        String loop = losetup("--find", "--show", write(says, bytes).toString());
        assumeTrue(loop.startsWith("/dev/"), "no loop device");
        loops.addLast(loop);
        return loop;
    }

    private Path write(String says, int bytes) throws IOException {
        byte[] content = new byte[bytes];
        Arrays.fill(content, (byte) ' ');
        System.arraycopy(says.getBytes(StandardCharsets.UTF_8), 0, content, 0, says.length());
        return Files.write(dir.resolve(says), content);
    }

    private static String losetup(String... words) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("losetup"));
        command.addAll(List.of(words));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        process.waitFor();
        return said;
    }
}
