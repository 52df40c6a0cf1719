package io.dmio.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.dmio.BlockDevice;
import io.dmio.BlockOp;
import io.dmio.DeviceException;
import io.dmio.testkit.DeviceFixture;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ThreadFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;

/** The system has no thread to give: what needs one fails, and everything still ends. */
class NoThreadsTest extends DeviceFixture {

    @TempDir
    private Path directory = Path.of("");

    private boolean none;
    private final ThreadFactory factory = new ThreadFactory() {
        private final ThreadFactory named = new NamedThreads("few");

        @Override
        public Thread newThread(Runnable task) {
            if (none) {
                throw new OutOfMemoryError("unable to create native thread");
            }
            return named.newThread(task);
        }
    };
    private final IoEngine engine = new PosixEngine(new DeviceThreads(factory, 4));

    @Test
    void anOpenFailsAndTheEngineCloses() {
        none = true;
        fails(engine.open(directory.resolve("file"), OpenOptions.readWrite().withCreate(4096)));
        engine.close().block(PATIENCE);
    }

    @Test
    void operationsFailWhereThereIsNoThreadYetAndTheFileCloses() throws IOException {
        Path memory = Path.of("/dev/shm"); // copies have threads of their own
        assumeTrue(Files.isDirectory(memory), "no file system in memory");
        Path path = Files.createTempFile(memory, "dmio-no-threads", "");
        try {
            Files.write(path, new byte[4096]);
            BlockDevice file = open(path, OpenOptions.readWrite());
            ByteBuf bytes = filled(4096, 1);
            none = true;
            fails(file.submit(new BlockOp.Write(0, bytes, false)));
            assertThat(bytes.refCnt()).isEqualTo(1);
            file.close().block(PATIENCE);
            engine.close().block(PATIENCE);
        } finally {
            Files.delete(path);
        }
    }

    @Test
    void operationsGoOnByTheThreadsThatThereAre() {
        BlockDevice file =
                open(directory.resolve("file"), OpenOptions.readWrite().withCreate(4096));
        ByteBuf memory = filled(4096, 1);
        none = true;
        assertThat(file.extents(0, 8).block(PATIENCE)).isNotEmpty();
        file.submit(new BlockOp.Write(0, memory, false)).block(PATIENCE);
        file.close().block(PATIENCE);
    }

    private BlockDevice open(Path path, OpenOptions options) {
        return engine.open(path, options).blockOptional(PATIENCE).orElseThrow();
    }

    private static void fails(Mono<?> asked) {
        StepVerifier.create(asked).expectError(DeviceException.class).verify(PATIENCE);
    }
}
