package io.dmio.nbd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.dmio.device.MemoryDevice;
import io.dmio.mirror.MirrorDevice;
import io.dmio.mirror.MirrorOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A file system of the kernel, on a loop device, on a file of nbdfuse, on our server, on a mirror. */
class NbdFuseTest {

    private static final Duration PATIENCE = Duration.ofMinutes(3);

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit's
    private Path directory;

    @Test
    void aFileSystemOnAMirrorKeepsItsFilesThroughTheLossOfALeg() throws Exception {
        Tool.assumeThere("nbdfuse", "mkfs.ext4", "e2fsck", "mount", "umount");
        assumeTrue(Files.isWritable(Path.of("/dev/fuse")), "no /dev/fuse");
        assumeTrue(Tool.outcome("losetup", "-f").code() == 0, "no loop devices");
        MemoryDevice first = MemoryDevice.of("first", 131_072);
        MemoryDevice second = MemoryDevice.of("second", 131_072);
        MirrorDevice mirror = Objects.requireNonNull(MirrorDevice.create(
                        List.of(first, second),
                        MirrorOptions.builder().stableMemory(true).build())
                .block(PATIENCE));
        mirror.resync().block(PATIENCE); // from here on the second stands in for the first
        byte[] content = new byte[3 << 20];
        new Random(17).nextBytes(content);
        try (NbdTestServer served = NbdTestServer.of(NbdServer.builder().export(NbdExport.of("disk", mirror)))) {
            mount(served.server().uri("disk"), true);
            try {
                Files.write(mountPoint().resolve("before"), content);
                first.close().block(PATIENCE); // the leg that everything was read from is gone
                Files.write(mountPoint().resolve("after"), content);
            } finally {
                unmount();
            }
            Tool.run("e2fsck", "-fn", image().toString());
            closeFuse();
            mount(served.server().uri("disk"), false);
            try {
                assertThat(Files.readAllBytes(mountPoint().resolve("before"))).isEqualTo(content);
                assertThat(Files.readAllBytes(mountPoint().resolve("after"))).isEqualTo(content);
            } finally {
                unmount();
            }
            closeFuse();
        }
        mirror.close().onErrorComplete().block(PATIENCE);
    }

    private Path image() {
        return directory.resolve("fuse/nbd");
    }

    private Path mountPoint() {
        return directory.resolve("mnt");
    }

    @SuppressWarnings("NullAway.Init") // while something is mounted
    private Process fuse;

    private void closeFuse() throws InterruptedException {
        Tool.run("umount", directory.resolve("fuse").toString());
        assertThat(fuse.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
    }

    /** The image, and the file system in it. */
    private void mount(NbdUri uri, boolean fresh) throws IOException {
        Files.createDirectories(directory.resolve("fuse"));
        Files.createDirectories(mountPoint());
        fuse = Tool.serve(() -> Files.exists(image()), List.of("nbdfuse", image().toString(), uri.toString()));
        if (fresh) {
            Tool.run("mkfs.ext4", "-q", "-F", image().toString());
        }
        Tool.run("mount", "-o", "loop", image().toString(), mountPoint().toString());
    }

    private void unmount() {
        Tool.run("umount", mountPoint().toString());
    }
}
