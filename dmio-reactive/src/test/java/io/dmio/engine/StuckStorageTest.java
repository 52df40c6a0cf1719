package io.dmio.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.dmio.BlockDevice;
import io.dmio.BlockOp;
import io.dmio.testkit.DeviceFixture;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Mono;

/**
 * A file system that hangs holds up no other. Callbacks that wait on the engine's threads stand for calls that the kernel does
 * not return from: to the engine both are a thread that does not come back.
 */
class StuckStorageTest extends DeviceFixture {

    private static final int THREADS = 2;
    private static final Duration BRIEFLY = Duration.ofSeconds(20);

    @TempDir
    private Path here = Path.of("");

    private final DeviceThreads threads = new DeviceThreads("stuck", THREADS);
    private final IoEngine engine = new PosixEngine(threads);
    private final CountDownLatch thawed = new CountDownLatch(1);
    private final List<Mono<Void>> stuck = new ArrayList<>();
    private Path elsewhere = Path.of("");

    @BeforeEach
    void onAnotherFileSystem() throws IOException {
        Path memory = Path.of("/dev/shm");
        assumeTrue(
                Files.isDirectory(memory) && !Files.getFileStore(memory).equals(Files.getFileStore(here)),
                "one file system is all there is");
        elsewhere = Files.createTempDirectory(memory, "dmio-elsewhere");
    }

    @AfterEach
    void thaw() throws IOException {
        thawed.countDown();
        stuck.forEach(operation -> operation.block(PATIENCE));
        engine.close().block(PATIENCE);
        for (String name : List.of("file", "new")) {
            Files.deleteIfExists(elsewhere.resolve(name));
        }
        Files.delete(elsewhere);
    }

    @Test
    void filesOfAnotherFileSystemGoOn() {
        BlockDevice hangs = create(here.resolve("file"));
        BlockDevice works = create(elsewhere.resolve("file"));
        ByteBuf memory = filled(4096, 1);
        hang(hangs, memory);
        works.submit(new BlockOp.Write(0, memory, true)).block(BRIEFLY);
        works.submit(new BlockOp.Flush()).block(BRIEFLY);
        assertThat(works.extents(0, 8).block(BRIEFLY)).isNotEmpty();
        works.close().block(BRIEFLY);
    }

    @Test
    void filesOfAnotherFileSystemCanBeOpenedThoughManyOpensHang() {
        BlockDevice hangs = create(here.resolve("file"));
        hang(hangs, filled(4096, 2));
        for (int i = 0; i < 10 * THREADS; i++) {
            Mono<Void> opening = engine.open(
                            here.resolve("late" + i), OpenOptions.readWrite().withCreate(4096))
                    .flatMap(BlockDevice::close)
                    .cache();
            opening.subscribe();
            stuck.add(opening);
        }
        create(elsewhere.resolve("new")).close().block(BRIEFLY);
    }

    @Test
    void filesOfAnotherFileSystemCanBeOpenedThoughManyPathsCannotEvenBeLookedAt() {
        for (int i = 0; i < 10 * THREADS; i++) {
            threads.looking(Mounts.now().of(here)).execute(() -> await(thawed)); // as statx of a dead server
        }
        Mono<Void> opening = engine.open(
                        here.resolve("late"), OpenOptions.readWrite().withCreate(4096))
                .flatMap(BlockDevice::close)
                .cache();
        opening.subscribe();
        stuck.add(opening);
        create(elsewhere.resolve("new")).close().block(BRIEFLY);
    }

    private BlockDevice create(Path file) {
        return engine.open(file, OpenOptions.readWrite().withCreate(4096))
                .blockOptional(BRIEFLY)
                .orElseThrow();
    }

    /** Takes all the threads that a file system may have, and lets more wait for them. */
    private void hang(BlockDevice device, ByteBuf memory) {
        CountDownLatch taken = new CountDownLatch(THREADS);
        for (int i = 0; i < 10 * THREADS; i++) {
            Mono<Void> operation = device.submit(new BlockOp.Write(0, memory, false))
                    .doOnTerminate(() -> {
                        taken.countDown();
                        await(thawed);
                    })
                    .cache();
            operation.subscribe();
            stuck.add(operation);
        }
        await(taken);
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException interrupted) {
            throw new AssertionError(interrupted);
        }
    }
}
