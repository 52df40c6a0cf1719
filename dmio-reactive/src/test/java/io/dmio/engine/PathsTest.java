package io.dmio.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.dmio.BlockDevice;
import io.dmio.DeviceException;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import reactor.test.StepVerifier;

/** A path opens the file that {@link Files} opens, or none. */
class PathsTest extends EngineFixture {

    @ParameterizedTest
    @MethodSource("engines")
    void aPathOfAnotherFileSystemIsRefusedWhenItIsGiven(IoEngine engine) throws IOException {
        Path real = Files.write(directory.resolve("file"), new byte[512]);
        try (FileSystem zip = FileSystems.newFileSystem(directory.resolve("a.zip"), Map.of("create", "true"))) {
            Path inside = zip.getPath(real.toString());
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> engine.open(inside, OpenOptions.readWrite()))
                    .withMessageContaining("'jar' file system");
        }
    }

    @ParameterizedTest
    @MethodSource("engines")
    void aNameOfAnyBytesIsTheFileOfTheseBytes(IoEngine engine) throws IOException {
        // Latin-1, half a character of UTF-8, what URIs escape, and a name that only looks escaped.
        for (String name : new String[] {"caf%E9", "%E2%82", "a%20b%25%3F%23", "caf%25E9", "%0A%01%FF%7F"}) {
            Path path = Path.of(URI.create(directory.toUri() + name));
            BlockDevice device =
                    tracked(open(engine, path, OpenOptions.readWrite().withCreate(512)));
            ByteBuf content = filled(512, name.hashCode());
            write(device, 0, content);
            assertThat(Files.readAllBytes(path)).as(name).isEqualTo(all(content));
            tracked(open(engine, path, OpenOptions.readOnly()));
        }
        try (Stream<Path> files = Files.list(directory)) {
            assertThat(files).hasSize(5);
        }
    }

    @ParameterizedTest
    @MethodSource("engines")
    void aFileThatCannotBeMadeLeavesNothingUnderAnyName(IoEngine engine) throws IOException {
        Path path = Path.of(URI.create(directory.toUri() + "caf%E9"));
        StepVerifier.create(engine.open(path, OpenOptions.readWrite().withPreallocated(1L << 62)))
                .expectError(DeviceException.class)
                .verify(PATIENCE);
        try (Stream<Path> files = Files.list(directory)) {
            assertThat(files).isEmpty();
        }
    }

    @Test
    void aRelativePathIsTheOneThatTheJvmMeans() {
        ByteBuf bytes = PathBytes.of(Path.of("target/no such file"));
        assertThat(bytes.getCharSequence(0, bytes.indexOf(0, bytes.capacity(), (byte) 0), StandardCharsets.UTF_8))
                .hasToString(Path.of("target/no such file").toAbsolutePath().toString());
        bytes.release();
    }
}
