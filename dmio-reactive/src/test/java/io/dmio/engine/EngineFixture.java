package io.dmio.engine;

import io.dmio.BlockDevice;
import io.dmio.testkit.DeviceFixture;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;

/** Files of a directory that is gone after the test, opened by every engine that runs here. */
abstract class EngineFixture extends DeviceFixture {

    @TempDir
    Path directory = Path.of("");

    /** For {@code @MethodSource("engines")}. */
    static Stream<IoEngine> engines() {
        return Stream.concat(callers(), Stream.of(IoEngines.jdk()));
    }

    /** Those that make system calls, and so can more. */
    static Stream<IoEngine> callers() {
        try {
            return Stream.of(IoEngines.posix(), IoEngines.uring());
        } catch (UnsupportedOperationException absent) {
            return Stream.of(IoEngines.posix());
        }
    }

    /** Opens a file, or fails the test; whoever asks closes it. */
    static BlockDevice open(IoEngine engine, Path file, OpenOptions options) {
        return engine.open(file, options).blockOptional(PATIENCE).orElseThrow();
    }
}
