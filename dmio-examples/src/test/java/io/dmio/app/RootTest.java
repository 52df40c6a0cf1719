package io.dmio.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The app on loop devices and mounts of its own; skipped, with the reason, where those cannot be had. */
class RootTest {

    private static final int DISK_BYTES = 4 << 20;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private final Deque<String[]> undo = new ArrayDeque<>();

    @TempDir
    private Path dir;

    @AfterEach
    void putBack() throws IOException, InterruptedException {
        while (!undo.isEmpty()) {
            shell(undo.pop());
        }
    }

    @Test
    void aDiskGetsTheBytesAndZeroesToTheEndOfItsBlock() throws IOException, InterruptedException {
        Path backing = disk();
        byte[] bytes = file("src", 513);
        String disk = attach(backing);
        assertThat(dmio("copy", "--verify", path("src"), disk, path("b")))
                .as(err())
                .isZero();
        assertThat(dmio("copy", "--direct", "--verify", path("src"), disk))
                .as(err())
                .isZero();
        byte[] expected = new byte[1024];
        System.arraycopy(bytes, 0, expected, 0, 513);
        assertThat(Arrays.copyOf(Files.readAllBytes(backing), 1024)).isEqualTo(expected);
        assertThat(Files.readAllBytes(dir.resolve("b"))).isEqualTo(bytes);
    }

    @Test
    void aDiskIsASource() throws IOException, InterruptedException {
        Path backing = disk();
        String disk = attach(backing);
        assertThat(dmio("copy", "--direct", disk, path("a"), "-")).as(err()).isZero();
        assertThat(Files.readAllBytes(dir.resolve("a"))).isEqualTo(Files.readAllBytes(backing));
        assertThat(out.toByteArray()).hasSize(DISK_BYTES);
    }

    @Test
    void aDiskThatIsTooSmallIsRefused() throws IOException, InterruptedException {
        String disk = attach(disk());
        file("src", DISK_BYTES + 1);
        assertThat(dmio("copy", path("src"), path("new"), disk)).isEqualTo(1);
        assertThat(err())
                .startsWith("dmio: " + disk + ": is smaller than the source")
                .hasLineCount(1);
        assertThat(dir.resolve("new")).doesNotExist();
    }

    @Test
    void aMountedDiskIsRefusedAndSaysWhere() throws IOException, InterruptedException {
        Path backing = disk();
        assumeTrue(shell("mkfs.ext4", "-q", "-F", backing.toString()), "no mkfs.ext4");
        String disk = attach(backing);
        Path mount = Files.createDirectory(dir.resolve("mount"));
        assumeTrue(shell("mount", disk, mount.toString()), "cannot mount");
        undo.push(new String[] {"umount", mount.toString()});
        file("src", 512);
        assertThat(dmio("copy", path("src"), disk)).isEqualTo(1);
        assertThat(err())
                .isEqualTo("dmio: " + disk + ": would be overwritten, and it is mounted on " + mount
                        + "; --force does it all the same\n");
        assertThat(dmio("info", disk)).isZero();
        assertThat(out()).contains("a block device", "looked at for reading only: it is mounted on");
    }

    @Test
    void aFullFileSystemFailsItsLegAndNoOther() throws IOException, InterruptedException {
        Path small = Files.createDirectory(dir.resolve("small"));
        assumeTrue(shell("mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", small.toString()), "cannot mount a tmpfs");
        undo.push(new String[] {"umount", small.toString()});
        byte[] bytes = file("src", 1 << 20);
        assertThat(dmio("copy", "--budget", "64p", path("src"), path("a"), small + "/b"))
                .isEqualTo(2);
        assertThat(err())
                .startsWith("dmio: " + small + "/b: failed with ENOSPC")
                .contains("undefined: sectors [")
                .hasLineCount(1);
        assertThat(Files.readAllBytes(dir.resolve("a"))).isEqualTo(bytes);
    }

    @Test
    void theDemoRunsOnLoopDevicesAndDetachesThem() throws IOException, InterruptedException {
        attach(disk()); // shows that loop devices can be had
        file("src", 3_000_000);
        assertThat(dmio("demo", "--loop", "--direct", path("src"))).as(err()).isZero();
        assertThat(out()).contains(" in /dev", "All 3 legs are equal to the input.");
        assertThat(answer("losetup", "--list", "--noheadings"))
                .doesNotContain("dmio-demo-" + ProcessHandle.current().pid());
    }

    private Path disk() throws IOException {
        return Files.write(dir.resolve("disk"), random(DISK_BYTES));
    }

    private String attach(Path backing) throws IOException, InterruptedException {
        assumeTrue(shell("losetup", "--version"), "no losetup");
        String disk = answer("losetup", "--find", "--show", backing.toString()).trim();
        assumeTrue(disk.startsWith("/dev/"), "no loop device: root is needed");
        undo.push(new String[] {"losetup", "--detach", disk});
        return disk;
    }

    private static boolean shell(String... command) throws IOException, InterruptedException {
        try {
            Process process = new ProcessBuilder(command)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            return process.waitFor() == 0;
        } catch (IOException absent) {
            return false;
        }
    }

    private static String answer(String... command) throws IOException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }

    private int dmio(String... args) {
        return Main.run(args, InputStream.nullInputStream(), out, err);
    }

    private String path(String name) {
        return dir + "/" + name;
    }

    private byte[] file(String name, int length) throws IOException {
        byte[] bytes = random(length);
        Files.write(dir.resolve(name), bytes);
        return bytes;
    }

    private static byte[] random(int length) {
        byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        return bytes;
    }

    private String out() {
        return out.toString(StandardCharsets.UTF_8);
    }

    private String err() {
        return err.toString(StandardCharsets.UTF_8);
    }
}
