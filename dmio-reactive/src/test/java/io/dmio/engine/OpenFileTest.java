package io.dmio.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.BlockDevice;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import reactor.test.StepVerifier;

/** A descriptor's end. */
class OpenFileTest {

    private static final Duration PATIENCE = Duration.ofMinutes(3);

    static Stream<Executor> executorsThatTakeNothing() {
        return Stream.of(
                task -> {
                    throw new RejectedExecutionException("shut down");
                },
                task -> {
                    throw new InternalError("no more threads");
                });
    }

    @ParameterizedTest
    @MethodSource("executorsThatTakeNothing")
    void aFileIsClosedThoughNoThreadCanBeHadForIt(Executor none, @TempDir Path directory) {
        Path path = directory.resolve("file");
        FileOpener opener = new FileOpener(path, OpenOptions.readWrite().withCreate(4096));
        OpenFile file = opener.open(opener.look(), "test", none);
        StepVerifier.create(file.close()).expectComplete().verify(PATIENCE);
        StepVerifier.create(file.close()).as("again").expectComplete().verify(PATIENCE);
        StepVerifier.create(file.whenClosed()).expectComplete().verify(PATIENCE);

        IoEngine engine = IoEngines.posix(1);
        StepVerifier.create(engine.open(path, OpenOptions.readWrite()).flatMap(BlockDevice::close))
                .as("its lock is gone with it")
                .expectComplete()
                .verify(PATIENCE);
        engine.close().block(PATIENCE);
        assertThat(file.gate().isShut()).isTrue();
    }
}
