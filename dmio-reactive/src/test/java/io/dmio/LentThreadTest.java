package io.dmio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.dmio.device.MemoryDevice;
import io.dmio.engine.IoEngine;
import io.dmio.engine.IoEngines;
import io.dmio.engine.OpenOptions;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Mono;
import reactor.util.context.Context;

/** A caller that waits lends its thread: for the last of its operations, and only where it is the one that starts them. */
class LentThreadTest {

    private final IoEngine engine = IoEngines.posix(1);
    private final DmIo io = DmIo.create().get(4);
    private final List<Thread> completedOn = Collections.synchronizedList(new ArrayList<>());
    private final BlockDevice file;
    private final BlockDevice watched;

    LentThreadTest(@TempDir Path directory) {
        file = engine.open(directory.resolve("file"), OpenOptions.readWrite().withCreate(1 << 20))
                .blockOptional()
                .orElseThrow();
        watched = new BlockDevice() {
            @Override
            public DeviceInfo info() {
                return file.info();
            }

            @Override
            public Mono<Void> submit(BlockOp op) {
                return file.submit(op).doOnTerminate(() -> completedOn.add(Thread.currentThread()));
            }

            @Override
            public Mono<Void> close() {
                return file.close();
            }
        };
    }

    @AfterEach
    void close() {
        file.close().block();
        engine.close().block();
    }

    private List<IoRegion> regions(int count) {
        return Collections.nCopies(count, new IoRegion(watched, 0, 8));
    }

    @Test
    void aSyncWriteOfOneRegionRunsOnItsCallersThread() {
        assertThat(io.writeSync(regions(1), VmBuffer.of(new byte[4096]))).isEqualTo(ErrorBits.NONE);
        assertThat(completedOn).containsExactly(Thread.currentThread());
    }

    @Test
    void ofSeveralRegionsOnlyTheLastRunsOnTheCallersThread() {
        assertThat(io.writeSync(regions(3), VmBuffer.of(new byte[4096]))).isEqualTo(ErrorBits.NONE);
        assertThat(completedOn).hasSize(3).containsOnlyOnce(Thread.currentThread());
    }

    @Test
    void anAsynchronousWriteNeverRunsOnItsCallersThread() {
        assertThat(io.write(regions(1), VmBuffer.of(new byte[4096])).block()).isEqualTo(ErrorBits.NONE);
        assertThat(completedOn).hasSize(1).doesNotContain(Thread.currentThread());
    }

    @Test
    void aRequestInManyPiecesKeepsThemSideBySide() {
        DmIo small = DmIo.builder().transferBytesMax(4096).build().get(4);
        assertThat(small.writeSync(List.of(new IoRegion(watched, 0, 64)), VmBuffer.of(new byte[32768])))
                .isEqualTo(ErrorBits.NONE);
        assertThat(completedOn).hasSize(8).doesNotContain(Thread.currentThread());
    }

    @Test
    void aRequestThatHadToQueueDoesNotBlockTheThreadThatFreesItsPages() throws InterruptedException {
        CompletableFuture<Void> hold = new CompletableFuture<>();
        io.budget().use(4, () -> Mono.fromFuture(hold)).subscribe();
        AtomicReference<ErrorBits> result = new AtomicReference<>();
        Thread waiter = new Thread(() -> result.set(io.writeSync(regions(1), VmBuffer.of(new byte[4096]))));
        waiter.start();
        while (io.budget().waiting() == 0) {
            Thread.onSpinWait();
        }
        hold.complete(null); // grants on this thread
        waiter.join();

        assertThat(result.get()).isEqualTo(ErrorBits.NONE);
        assertThat(completedOn).hasSize(1).doesNotContain(Thread.currentThread(), waiter);
    }

    @Test
    void aVirtualThreadIsNeverLent() throws Exception {
        Method start = virtualThreads();
        CompletableFuture<ErrorBits> result = new CompletableFuture<>();
        CompletableFuture<Boolean> lent = new CompletableFuture<>();
        Runnable write = () -> {
            result.complete(io.writeSync(regions(1), VmBuffer.of(new byte[4096])));
            lent.complete(LentThread.mayCopy(LentThread.toCopy(Context.empty()))
                    || LentThread.mayBlock(LentThread.toWait(Context.empty())));
        };
        Thread caller = (Thread) start.invoke(null, write);
        assertThat(result.get(10, TimeUnit.SECONDS)).isEqualTo(ErrorBits.NONE);
        assertThat(completedOn)
                .as("the engine's own thread makes the call")
                .hasSize(1)
                .doesNotContain(caller);
        assertThat(lent.get(10, TimeUnit.SECONDS)).isFalse();
    }

    private static Method virtualThreads() {
        try {
            return Thread.class.getMethod("startVirtualThread", Runnable.class);
        } catch (NoSuchMethodException before21) {
            return abort("no virtual threads before JDK 21");
        }
    }

    @Test
    void aDeviceThatKnowsNothingOfItIsNotDisturbed() {
        MemoryDevice memory = MemoryDevice.of("memory", 8);
        assertThat(io.writeSync(List.of(IoRegion.all(memory)), VmBuffer.of(new byte[4096])))
                .isEqualTo(ErrorBits.NONE);
    }

    @Test
    void aThreadLentToCopyCopiesALittleForAFileInMemory() throws IOException {
        Path memory = Path.of("/dev/shm");
        assumeTrue(Files.isDirectory(memory), "no tmpfs");
        Path path = Files.createTempFile(memory, "dmio-lent", null);
        Files.write(path, new byte[1 << 20]);
        BlockDevice inMemory = Objects.requireNonNull(
                engine.open(path, OpenOptions.readWrite()).block());
        try {
            assertThat(threadOfACopyOf(inMemory, 64 << 10)).isEqualTo(Thread.currentThread());
            assertThat(threadOfACopyOf(inMemory, 65 << 10)).isNotEqualTo(Thread.currentThread());
        } finally {
            inMemory.close().block();
            Files.delete(path);
        }
    }

    @Test
    void aThreadLentToCopyNeverWaitsForADisk() throws IOException {
        Path here = Path.of("target").toAbsolutePath();
        assumeTrue(!Files.getFileStore(here).type().equals("tmpfs"), "the checkout is in memory");
        Path path = Files.createTempFile(here, "dmio-lent", null);
        Files.write(path, new byte[1 << 20]);
        BlockDevice onDisk = Objects.requireNonNull(
                engine.open(path, OpenOptions.readWrite()).block());
        try {
            assertThat(threadOfACopyOf(onDisk, 4096)).isNotEqualTo(Thread.currentThread());
        } finally {
            onDisk.close().block();
            Files.delete(path);
        }
    }

    private static Thread threadOfACopyOf(BlockDevice device, int bytes) {
        ByteBuf memory = PagePool.shared().allocate(bytes);
        try {
            return Objects.requireNonNull(device.submit(new BlockOp.Write(0, memory, false))
                    .then(Mono.fromSupplier(Thread::currentThread))
                    .contextWrite(LentThread::toCopy)
                    .block());
        } finally {
            memory.release();
        }
    }
}
