package io.dmio.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whose threads look at a path. */
class MountsTest {

    private static final Mounts MOUNTS = new Mounts(List.of(
            "21 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw",
            "22 21 0:20 / /mnt rw - tmpfs tmpfs rw",
            "23 22 0:31 / /mnt/far rw,nosuid - nfs4 server:/export rw",
            "24 21 0:44 / /mnt/two\\040words rw - fuse none rw",
            "25 21 0:51 / /over rw - tmpfs tmpfs rw",
            "26 25 0:52 / /over rw - tmpfs tmpfs rw",
            "a line of another kind"));

    @ParameterizedTest
    @CsvSource({
        "/file, 8:1",
        "/mnt/file, 0:20",
        "/mnt/far, 0:31",
        "/mnt/far/a/b, 0:31",
        "/mnt/farther, 0:20",
        "/mnt/far/../file, 0:20",
        "/mnt/two words/file, 0:44",
        "/over/file, 0:52"
    })
    void theNearestMountAboveCounts(Path path, String dev) {
        assertThat(MOUNTS.of(path)).isEqualTo(dev);
    }

    @Test
    void aKernelThatDoesNotTellLeavesAllOnOne() {
        Mounts none = new Mounts(List.of());
        assertThat(none.of(Path.of("/a"))).isEqualTo(none.of(Path.of("/b")));
    }

    @Test
    void aRelativePathIsOnTheFileSystemOfTheWorkingDirectory() {
        Mounts now = Mounts.now();
        assertThat(now.of(Path.of("file"))).isEqualTo(now.of(Path.of("").toAbsolutePath()));
    }
}
