package io.dmio.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.dmio.BlockDevice;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Mono;

/** Opening a file is no access to it. */
class OpeningTimesTest {

    private static final FileTime LONG_AGO = FileTime.from(Instant.EPOCH.plus(Duration.ofDays(10_000)));

    @TempDir
    private Path directory = Path.of("");

    @Test
    void openingLeavesTheTimesOfAFile() throws IOException {
        leavesTheTimes(Files.write(directory.resolve("file"), new byte[1 << 16]));
    }

    @Test
    void openingLeavesTheTimesOfAFileInMemory() throws IOException {
        Path memory = Path.of("/dev/shm");
        assumeTrue(Files.isDirectory(memory), "no files in memory here");
        Path file = Files.write(Files.createTempFile(memory, "dmio-times", null), new byte[1 << 16]);
        try {
            leavesTheTimes(file);
        } finally {
            Files.delete(file);
        }
    }

    private static void leavesTheTimes(Path file) throws IOException {
        IoEngine engine = IoEngines.posix(1);
        OpenOptions buffered = OpenOptions.readOnly();
        for (OpenOptions options : List.of(buffered, buffered.withDirect(true))) {
            view(file).setTimes(LONG_AGO, LONG_AGO, null);
            engine.open(file, options)
                    .flatMap(BlockDevice::close)
                    .onErrorResume(noDirect -> Mono.empty())
                    .block(Duration.ofSeconds(10));
            BasicFileAttributes after = view(file).readAttributes();
            assertThat(Stream.of(after.lastAccessTime(), after.lastModifiedTime()))
                    .as("%s", options)
                    .containsOnly(LONG_AGO);
        }
        engine.close().block(Duration.ofSeconds(10));
    }

    private static BasicFileAttributeView view(Path file) {
        return Files.getFileAttributeView(file, BasicFileAttributeView.class);
    }
}
